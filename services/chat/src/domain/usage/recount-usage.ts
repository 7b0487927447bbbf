import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger, Sql } from '@sotto/service-runtime'
import { ConversationId } from '@sotto/wire'
import * as conversations from '../../store/conversations/conversations.ts'
import * as accountUsage from '../../store/usage/account-usage.ts'

const FIRST_AFTER_MS = 60_000
const EVERY_MS = 60 * 60_000
const PAGE = 1_000
// A breath between two steps, so that the database is there for others.
const BETWEEN_MS = 20
const FIRST_ID = ConversationId.parse('00000000-0000-0000-0000-000000000000')

/**
 * Counts what was stored and not counted: by instances of a version that counts nothing, which run for a
 * while beside this one when a cluster is brought up to date. Returns how many conversations it met.
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

/** Nobody removes anything meanwhile that is counted, or leaves it in the counters. */
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
        if (found > 0) log.info({ conversations: found }, 'counted what was not counted before')
      })
      .catch((error: unknown) => log.warn({ err: error }, 'could not count what is stored'))
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
