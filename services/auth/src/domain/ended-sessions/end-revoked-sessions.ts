import { setTimeout as sleep } from 'node:timers/promises'
import { isDatabaseUnavailable } from '@sotto/service-runtime'
import type { Job } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import * as sessions from '../../store/sessions.ts'
import { announceEnded } from './end-sessions.ts'

const TRY_AGAIN_AFTER_MS = 500

type SessionsEnd = Extract<Job, { type: 'sessions.end' }>
type Dependencies = Pick<AuthContext, 'sql' | 'outbox' | 'now' | 'log'>

/**
 * Ends the sessions of revoked devices at the request of the chat service. A repeated job finds
 * none left. While the database is down, the job waits, because a job that keeps failing is
 * dead-lettered and the device would keep its session. `stop` ends the wait.
 */
export async function endRevokedSessions(deps: Dependencies, job: SessionsEnd, stop: AbortSignal) {
  for (;;) {
    try {
      return await endOnce(deps, job)
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error
      deps.log.warn({ err: error }, 'sessions of revoked devices are waiting for the database')
    }
    await sleep(TRY_AGAIN_AFTER_MS, undefined, { signal: stop })
  }
}

async function endOnce(
  { sql, outbox, now }: Dependencies,
  { accountId, devices, startedBefore }: SessionsEnd,
) {
  const moment = new Date(startedBefore)
  await sql.begin(async (tx) => {
    const ended = await sessions.endOfDevices(tx, accountId, { devices, moment }, new Date(now()))
    await announceEnded(tx, outbox, ended)
  })
  outbox.kick()
}
