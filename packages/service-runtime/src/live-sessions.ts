import { Actor } from '@sotto/wire'
import DataLoader from 'dataloader'
import { z } from 'zod'
import { askInternal } from './ask-internal.ts'
import { DomainError } from './errors.ts'

const MAX_ASKED_AT_ONCE = 1_000

/** Where the internal listener of the auth service tells which sessions live. */
export const LIVE_SESSIONS_PATH = '/live-sessions'

/** Where it tells for which of them the device has proven that it belongs to the account. */
export const PROVEN_SESSIONS_PATH = '/proven-sessions'

export const LiveSessionsRequest = z.strictObject({
  sessions: z.array(Actor).max(MAX_ASKED_AT_ONCE),
})
/** For each session that was asked for whether it lives, in the same order. */
export const LiveSessions = z.strictObject({ live: z.array(z.boolean()).max(MAX_ASKED_AT_ONCE) })
/** For each session that was asked for whether it is proven, in the same order. */
export const ProvenSessions = z.strictObject({
  proven: z.array(z.boolean()).max(MAX_ASKED_AT_ONCE),
})

/**
 * Whether the auth service has a session of this account and device that goes on. Undefined while an
 * instance of the version before runs there, which cannot tell. Throws `unavailable` when nobody answers.
 */
export type IsLiveSession = (actor: Actor) => Promise<boolean | undefined>

/**
 * Whether the device of a session that lives has proven that it belongs to the account. Undefined and throws as
 * `IsLiveSession`.
 */
export type IsProvenSession = (actor: Actor) => Promise<boolean | undefined>

/** Asks the internal listener of the auth service at `baseUrl`: once for all that is asked in one tick. */
export function remoteLiveSessions(baseUrl: string): IsLiveSession {
  return askingInBatches(new URL(LIVE_SESSIONS_PATH, baseUrl), LiveSessions, ({ live }) => live)
}

/** The same for what is proven. */
export function remoteProvenSessions(baseUrl: string): IsProvenSession {
  const url = new URL(PROVEN_SESSIONS_PATH, baseUrl)
  return askingInBatches(url, ProvenSessions, ({ proven }) => proven)
}

function askingInBatches<S extends z.ZodType>(
  url: URL,
  schema: S,
  answersIn: (answer: z.output<S>) => boolean[],
): (actor: Actor) => Promise<boolean | undefined> {
  const ask = async (sessions: readonly Actor[]): Promise<(boolean | undefined)[]> => {
    const answer = await askInternal(url, { sessions }, schema)
    if (answer === 'not there') return sessions.map(() => undefined)
    const answers = answersIn(answer)
    // About others than those that were asked for.
    if (answers.length !== sessions.length) throw new DomainError('unavailable')
    return answers
  }
  const options = { cache: false, maxBatchSize: MAX_ASKED_AT_ONCE }
  const loader = new DataLoader<Actor, boolean | undefined>(ask, options)
  return (actor) => loader.load(actor)
}
