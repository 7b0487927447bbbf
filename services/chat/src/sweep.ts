import type { Logger, Sql } from '@sotto/service-runtime'
import { KEPT_KEYS_DAYS } from '@sotto/wire/operator'
import * as keptKeys from './store/accounts/kept-keys.ts'
import * as removals from './store/accounts/removals.ts'

const EVERY_MS = 60 * 60_000
const DAY_MS = 86_400_000

/** How many days the hashes of removed ids are kept: longer than any operation can take. */
const REMOVED_FOR_DAYS = 30

/** Deletes the records of old removals and replacements. */
export async function sweep(sql: Sql, now: number): Promise<void> {
  await removals.forgetBefore(sql, new Date(now - REMOVED_FOR_DAYS * DAY_MS))
  await keptKeys.removeBefore(sql, now - KEPT_KEYS_DAYS * DAY_MS)
}

/** Sweeps every hour. */
export function startSweeps({ sql, log, now }: { sql: Sql; log: Logger; now: () => number }) {
  let running: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    running = sweep(sql, now()).catch((error: unknown) =>
      log.warn({ err: error }, 'could not delete records of removals and replacements'),
    )
  }, EVERY_MS).unref()
  return {
    async close() {
      clearInterval(timer)
      await running
    },
  }
}
