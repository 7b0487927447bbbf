import { Actor } from '@sotto/wire'
import DataLoader from 'dataloader'
import { z } from 'zod'
import { DomainError } from '../errors.ts'
import { askInternal } from './ask-internal.ts'

const MAX_ASKED_AT_ONCE = 1_000

/** The path on the internal listener of the auth service that reports which sessions are live. */
export const LIVE_SESSIONS_PATH = '/live-sessions'

/**
 * The path that reports for which sessions the device has proven that it belongs to the account.
 */
export const PROVEN_SESSIONS_PATH = '/proven-sessions'

export const LiveSessionsRequest = z.strictObject({
  sessions: z.array(Actor).max(MAX_ASKED_AT_ONCE),
})
/** Whether each requested session is live, in the same order. */
export const LiveSessions = z.strictObject({ live: z.array(z.boolean()).max(MAX_ASKED_AT_ONCE) })
/** Whether each requested session is proven, in the same order. */
export const ProvenSessions = z.strictObject({
  proven: z.array(z.boolean()).max(MAX_ASKED_AT_ONCE),
})

/**
 * Whether the auth service has a live session of this account and device. Undefined while an
 * instance of the previous version answers, which cannot tell. Throws `unavailable` if there is no
 * answer.
 */
export type IsLiveSession = (actor: Actor) => Promise<boolean | undefined>

/**
 * Whether the device of a live session has proven that it belongs to the account. Undefined and
 * throws under the same conditions as `IsLiveSession`.
 */
export type IsProvenSession = (actor: Actor) => Promise<boolean | undefined>

/**
 * Asks the internal listener of the auth service at `baseUrl`, once for all questions of one tick.
 */
export function remoteLiveSessions(baseUrl: string): IsLiveSession {
  return askingInBatches(new URL(LIVE_SESSIONS_PATH, baseUrl), LiveSessions, ({ live }) => live)
}

/** The same for proven sessions. */
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
    // The number of answers does not match the number of questions.
    if (answers.length !== sessions.length) throw new DomainError('unavailable')
    return answers
  }
  const options = { cache: false, maxBatchSize: MAX_ASKED_AT_ONCE }
  const loader = new DataLoader<Actor, boolean | undefined>(ask, options)
  return (actor) => loader.load(actor)
}
