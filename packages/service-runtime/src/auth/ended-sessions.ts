import { setTimeout as sleep } from 'node:timers/promises'
import { SessionEnded } from '@sotto/wire'
import { z } from 'zod'
import type { Broker, Subscription } from '../broker/broker.ts'
import type { Logger } from '../log.ts'

const READ_EVERY_MS = 3_000
const READ_WITHIN_MS = 5_000
const RETRY_START_MS = 500
// A transaction may commit some time after the timestamp that it assigned, and clocks differ.
const OVERLAP_MS = 60_000

/** Ended sessions from the database of the auth service. */
export const EndedSessions = z.strictObject({
  /** When they were read, in milliseconds since 1970 by the clock of the auth service. */
  readAt: z.int(),
  sessions: z.array(SessionEnded.omit({ type: true })),
})
export type EndedSessions = z.infer<typeof EndedSessions>

/**
 * Reads the sessions that ended after `since` (milliseconds since 1970). Without it, reads all
 * ended sessions that a valid token may still refer to.
 */
export type ReadEndedSessions = (since?: number) => Promise<EndedSessions>

/** The path on the internal listener of the auth service. */
export const ENDED_SESSIONS_PATH = '/ended-sessions'

/** Reads from the internal listener of the auth service at `baseUrl`. */
export function remoteEndedSessions(baseUrl: string): ReadEndedSessions {
  return async (since) => {
    const url = new URL(ENDED_SESSIONS_PATH, baseUrl)
    if (since !== undefined) url.searchParams.set('since', String(since))
    const answer = await fetch(url, { signal: AbortSignal.timeout(READ_WITHIN_MS) })
    if (!answer.ok) throw new Error(`the auth service answered ${answer.status}`)
    return EndedSessions.parse(await answer.json())
  }
}

/**
 * Calls `onEnded` at least once for every ended session: immediately through the broker's event,
 * and within seconds by polling, because an event may be lost. Resolves when all sessions that
 * ended before are known, however long the auth service takes to answer.
 */
export async function followEndedSessions(options: {
  broker: Broker
  read: ReadEndedSessions
  onEnded: (ended: Pick<SessionEnded, 'sessionId' | 'accountId'>) => void
  log: Logger
  everyMs?: number
}): Promise<Subscription> {
  const { broker, read, onEnded, log, everyMs = READ_EVERY_MS } = options
  let since: number | undefined
  let reading: Promise<void> | undefined

  async function readOnce() {
    const { readAt, sessions } = await read(since)
    for (const ended of sessions) onEnded(ended)
    since = readAt - OVERLAP_MS
  }

  function readSoon() {
    reading ??= readOnce()
      .catch((error) => log.warn({ err: error }, 'could not read the ended sessions'))
      .finally(() => {
        reading = undefined
      })
  }

  // Subscribe first, so that a session that ends between the two calls is reported by one of them.
  const events = await broker.subscribeAll((event) => {
    if (event.type === 'session.ended') onEnded(event)
  })
  await untilDone(readOnce, log)
  const interruptions = broker.onInterrupted(readSoon)
  const timer = setInterval(readSoon, everyMs)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await interruptions.close()
      await events.close()
      await reading
    },
  }
}

async function untilDone(act: () => Promise<void>, log: Logger) {
  for (let delay = RETRY_START_MS; ; delay = Math.min(delay * 2, READ_EVERY_MS)) {
    try {
      return await act()
    } catch (error) {
      log.warn({ err: error }, 'could not read the ended sessions; not ready until then')
    }
    await sleep(delay)
  }
}
