import { Actor } from '@sotto/wire'
import DataLoader from 'dataloader'
import { z } from 'zod'
import { DomainError } from './errors.ts'

const MAX_ASKED_AT_ONCE = 1_000
const ASK_WITHIN_MS = 5_000

/** Where the internal listener of the auth service tells which sessions live. */
export const LIVE_SESSIONS_PATH = '/live-sessions'

export const LiveSessionsRequest = z.strictObject({
  sessions: z.array(Actor).max(MAX_ASKED_AT_ONCE),
})
/** For each session that was asked for whether it lives, in the same order. */
export const LiveSessions = z.strictObject({ live: z.array(z.boolean()).max(MAX_ASKED_AT_ONCE) })
export type LiveSessions = z.infer<typeof LiveSessions>

/**
 * Whether the auth service has a session of this account and device that goes on. Throws `unavailable`
 * when it cannot be asked.
 */
export type IsLiveSession = (actor: Actor) => Promise<boolean>

/** Asks the internal listener of the auth service at `baseUrl`: once for all that is asked in one tick. */
export function remoteLiveSessions(baseUrl: string): IsLiveSession {
  const url = new URL(LIVE_SESSIONS_PATH, baseUrl)
  const loader = new DataLoader<Actor, boolean>((sessions) => ask(url, sessions), {
    cache: false,
    maxBatchSize: MAX_ASKED_AT_ONCE,
  })
  return (actor) => loader.load(actor)
}

async function ask(url: URL, sessions: readonly Actor[]): Promise<boolean[]> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sessions }),
      signal: AbortSignal.timeout(ASK_WITHIN_MS),
    })
    if (!answer.ok) throw new Error(`the auth service answered ${answer.status}`)
    const { live } = LiveSessions.parse(await answer.json())
    if (live.length !== sessions.length) throw new Error('the auth service answered about others')
    return live
  } catch (error) {
    throw new DomainError('unavailable', undefined, { cause: error })
  }
}
