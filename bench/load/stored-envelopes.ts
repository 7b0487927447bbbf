import { randomUUID } from 'node:crypto'
import { connect, type Sql } from '@sotto/service-runtime'
import type { ConversationId } from '@sotto/wire'
import type { Account } from './accounts.ts'
import type { Topology } from './topology.ts'

/** Runs `act` with a connection to the chat service's database. */
export async function withDatabase<T>(
  topology: Topology,
  act: (sql: Sql) => Promise<T>,
): Promise<T> {
  const url = await topology.databaseUrl()
  const sql = connect(url, { maxConnections: 4, applicationName: 'bench' })
  try {
    return await act(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Fills a log up to `length` envelopes of 256 bytes, as if its participants had written them. */
export async function fillLog(sql: Sql, id: ConversationId, length: number): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local statement_timeout = 0`
    await tx`select from chat.conversations where id = ${id} for update`
    await tx`
      insert into chat.envelopes (conversation_id, seq, id, sender_account_id, sender_device_id,
        accepted_at, kind, ciphertext)
      select c.id, seq, gen_random_uuid(), c.created_by, c.created_by, 0, 'message',
        rpad(md5(seq::text), 256, 'c')
      from chat.conversations c, generate_series(c.last_seq + 1, ${length}::bigint) as seq
      where c.id = ${id}`
    await tx`
      update chat.conversations set last_seq = ${length}, changed_xid = pg_current_xact_id()
      where id = ${id}`
  })
}

/**
 * A conversation that many accounts have accepted, like a group. It is inserted directly, because
 * today's two protocols only support two people.
 */
export async function createGroup(
  sql: Sql,
  creator: Account,
  others: readonly Account[],
): Promise<ConversationId> {
  const id = randomUUID() as ConversationId
  const members = [creator, ...others].map(({ accountId }) => accountId)
  await sql.begin(async (tx) => {
    await tx`
      insert into chat.conversations (id, protocol, created_by, created_at, active_at, counted_seq)
      values (${id}, 'mls', ${creator.accountId}, 0, 0, 0)`
    await tx`
      insert into chat.participants (conversation_id, account_id, answer)
      select ${id}, unnest(${members}::uuid[]), 'accepted'`
  })
  return id
}

/** Stores `count` envelopes in conversations of 100 that the scenarios do not use. */
export async function fillDatabase(sql: Sql, count: number): Promise<void> {
  const perStep = 500_000
  for (let done = 0; done < count; done += perStep) {
    const conversations = Math.min(perStep, count - done) / 100
    await sql.begin(async (tx) => {
      await tx`set local statement_timeout = 0`
      await tx`set local synchronous_commit = off`
      await tx`
        create temporary table fresh on commit drop as
        select gen_random_uuid() as id, gen_random_uuid() as one, gen_random_uuid() as other
        from generate_series(1, ${conversations}::int)`
      await tx`
        insert into chat.conversations (
          id, protocol, created_by, created_at, active_at, last_seq, counted_seq
        )
        select id, 'ecdh', one, 0, 0, 100, 100 from fresh`
      await tx`
        insert into chat.participants (conversation_id, account_id, answer)
        select id, unnest(array[one, other]), 'accepted' from fresh`
      await tx`
        insert into chat.envelopes (conversation_id, seq, id, sender_account_id, sender_device_id,
          accepted_at, kind, ciphertext)
        select id, seq, gen_random_uuid(), one, one, 0, 'message', rpad(md5(seq::text), 256, 'c')
        from fresh, generate_series(1, 100) as seq`
    })
  }
  // Outside a transaction, and longer than a service may take.
  const connection = await sql.reserve()
  await connection`set statement_timeout = 0`
  await connection`vacuum analyze`
  // Otherwise, the written data would still be on its way to the disk, and everything would wait
  // behind it.
  await connection`checkpoint`
  await connection`reset statement_timeout`
  connection.release()
}
