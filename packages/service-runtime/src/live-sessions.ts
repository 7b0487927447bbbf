import { Actor } from '@sotto/wire'
import DataLoader from 'dataloader'
import { z } from 'zod'
import { askInternal } from './ask-internal.ts'
import { DomainError } from './errors.ts'

const MAX_ASKED_AT_ONCE = 1_000

/** Where the internal listener of the auth service tells which sessions live. */
export const LIVE_SESSIONS_PATH = '/live-sessions'

export const LiveSessionsRequest = z.strictObject({
  sessions: z.array(Actor).max(MAX_ASKED_AT_ONCE),
})
/** For each session that was asked for whether it lives, in the same order. */
export const LiveSessions = z.strictObject({ live: z.array(z.boolean()).max(MAX_ASKED_AT_ONCE) })

/**
 * Whether the auth service has a session of this account and device that goes on. Undefined while an
 * instance of the version before runs there, which cannot tell. Throws `unavailable` when nobody answers.
 */
export type IsLiveSession = (actor: Actor) => Promise<boolean | undefined>

/** Asks the internal listener of the auth service at `baseUrl`: once for all that is asked in one tick. */
export function remoteLiveSessions(baseUrl: string): IsLiveSession {
  const url = new URL(LIVE_SESSIONS_PATH, baseUrl)
  const loader = new DataLoader<Actor, boolean | undefined>((sessions) => ask(url, sessions), {
    cache: false,
    maxBatchSize: MAX_ASKED_AT_ONCE,
  })
  return (actor) => loader.load(actor)
}

async function ask(url: URL, sessions: readonly Actor[]): Promise<(boolean | undefined)[]> {
  const answer = await askInternal(url, { sessions }, LiveSessions)
  if (answer === 'not there') return sessions.map(() => undefined)
  // About others than those that were asked for.
  if (answer.live.length !== sessions.length) throw new DomainError('unavailable')
  return answer.live
}
