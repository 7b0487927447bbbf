import type { Sql } from '@sotto/service-runtime'

/** The problems in the rows of a restored database, one line each; empty if there are none. */
export async function checkDatabase(
  sql: Sql,
  expected: Readonly<Record<string, number>>,
): Promise<string[]> {
  return [
    ...(await wrongCounts(sql, expected)),
    ...(await brokenLogs(sql)),
    ...(await strayRows(sql)),
  ]
}

async function wrongCounts(sql: Sql, expected: Readonly<Record<string, number>>) {
  const wrong: string[] = []
  for (const [table, count] of Object.entries(expected)) {
    const [row] = await sql<{ count: number }[]>`select count(*) from ${sql(table)}`
    if (row?.count !== count) wrong.push(`${table}: ${row?.count} rows instead of ${count}`)
  }
  return wrong
}

/**
 * A log begins with 1, or where old envelopes were deleted, and contains every number up to its
 * end.
 */
async function brokenLogs(sql: Sql) {
  const [row] = await sql<{ count: number }[]>`
    select count(*) from chat.conversations c
    left join (
      select conversation_id, count(*) as envelopes, min(seq) as first, max(seq) as last
      from chat.envelopes group by conversation_id
    ) e on e.conversation_id = c.id
    where c.last_seq <> coalesce(e.last, c.last_seq)
      or coalesce(e.last - e.first + 1 <> e.envelopes, false)
      or (c.last_seq > 0 and e.last is null)`
  return row?.count === 0 ? [] : [`the logs of ${row?.count} conversations have gaps`]
}

/** Relations that no foreign key enforces. */
async function strayRows(sql: Sql) {
  const [row] = await sql<Record<string, number>[]>`
    select
      (select count(*) from chat.envelopes e
        where not exists (select from chat.conversations c where c.id = e.conversation_id)
      ) as "envelopes of no conversation",
      (select count(*) from chat.envelopes e
        where not exists (
          select from chat.participants p
          where p.conversation_id = e.conversation_id and p.account_id = e.sender_account_id
        )
      ) as "envelopes of somebody who is no participant",
      (select count(*) from chat.conversations c
        where (select count(*) from chat.participants p where p.conversation_id = c.id) <> 2
      ) as "conversations that are not of two",
      (select count(*) from chat.accounts c
        where not exists (select from auth.accounts a where a.id = c.account_id)
      ) as "accounts that nobody can log in to"`
  return Object.entries(row ?? {})
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
}
