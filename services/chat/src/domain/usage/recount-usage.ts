import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger, Sql } from '@sotto/service-runtime'
import { ConversationId } from '@sotto/wire'
import * as conversations from '../../store/conversations/conversations.ts'
import * as accountUsage from '../../store/usage/account-usage.ts'

const FIRST_AFTER_MS = 60_000
const EVERY_MS = 60 * 60_000
const PAGE = 1_000
// A pause between two steps, so that others can use the database.
const BETWEEN_MS = 20
const FIRST_ID = ConversationId.parse('00000000-0000-0000-0000-000000000000')

/**
 * Counts what was stored without being counted: by instances of a version without counters, which
 * run beside this one for a while during a cluster upgrade. Returns the number of affected
 * conversations.
 */
export async function recountUsage(sql: Sql, signal?: AbortSignal): Promise<number> {
  let found = 0
  let after: ConversationId | null = FIRST_ID
  while (after && !signal?.aborted) {
    const { last, uncounted } = await accountUsage.findUncounted(sql, { after, limit: PAGE })
    for (const id of uncounted) {
      found += 1
      while (!signal?.aborted && (await countMore(sql, id))) await sleep(BETWEEN_MS)
    }
    after = last
    await sleep(BETWEEN_MS)
  }
  return found
}

/**
 * Prevents concurrent deletion of data while it is counted, which would leave it in the counters.
 */
function countMore(sql: Sql, id: ConversationId): Promise<boolean> {
  return sql.begin(async (tx) => {
    await conversations.lock(tx, [id])
    return accountUsage.countMore(tx, id)
  })
}

/** Recounts a minute after the start, when former instances have ended, and every hour. */
export function startRecounts({ sql, log }: { sql: Sql; log: Logger }): { close(): Promise<void> } {
  const closing = new AbortController()
  let running = Promise.resolve()
  const recount = () => {
    running = running
      .then(async () => {
        const found = await recountUsage(sql, closing.signal)
        if (found > 0)
          log.info({ conversations: found }, 'counted stored data that had not been counted')
      })
      .catch((error: unknown) => log.warn({ err: error }, 'could not count stored data'))
  }
  const first = setTimeout(recount, FIRST_AFTER_MS).unref()
  const further = setInterval(recount, EVERY_MS).unref()
  return {
    async close() {
      clearTimeout(first)
      clearInterval(further)
      closing.abort()
      await running
    },
  }
}
