import type { Logger, Sql } from '@sotto/service-runtime'
import * as removals from './store/removals.ts'

const EVERY_MS = 60 * 60_000

/** For how many seconds the hashes of removed ids are kept: longer than anything that is under way. */
const REMOVED_FOR_SECONDS = 30 * 24 * 60 * 60

/** Forgets, every hour, what was removed long ago. */
export function startSweeps({ sql, log, now }: { sql: Sql; log: Logger; now: () => number }) {
  let running: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    const moment = new Date(now() - REMOVED_FOR_SECONDS * 1000)
    running = removals
      .forgetBefore(sql, moment)
      .catch((error: unknown) => log.warn({ err: error }, 'could not forget what was removed'))
  }, EVERY_MS).unref()
  return {
    async close() {
      clearInterval(timer)
      await running
    },
  }
}
