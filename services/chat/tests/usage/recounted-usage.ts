import type { Sql } from '@sotto/service-runtime'

/** The counters of an account. */
export interface CountedUsage {
  readonly accountId: string
  readonly bytes: number
  readonly conversations: number
}

/** Counts the rows of envelopes and conversations again. */
export async function recountRows(sql: Sql): Promise<CountedUsage[]> {
  return sql<CountedUsage[]>`
    select account_id as "accountId", sum(bytes)::bigint as bytes,
      sum(conversations)::int as conversations
    from (
      select sender_account_id as account_id, octet_length(ciphertext) + 256 as bytes,
        0 as conversations
      from chat.envelopes
      union all
      select created_by, 1024, 1 from chat.conversations
    ) rows
    group by account_id order by account_id`
}

/** The counters, without accounts that have nothing. */
export async function readCounters(sql: Sql): Promise<CountedUsage[]> {
  return sql<CountedUsage[]>`
    select account_id as "accountId", bytes, conversations from chat.account_usage
    where bytes <> 0 or conversations <> 0 order by account_id`
}
