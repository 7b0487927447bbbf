import { randomUUID } from 'node:crypto'
import type { Sql } from '@sotto/service-runtime'
import { cpuSecondsOf } from '../cpu-time.ts'
import { nextCiphertext } from '../pairs.ts'
import { rounded } from '../percentiles.ts'
import { withDatabase } from '../stored-envelopes.ts'
import type { Topology } from '../topology.ts'

const AT_ONCE = 4

/** The rate of durable inserts of bare rows in the same run. */
export interface InsertLimit {
  rowsPerSecond: number
  cpuMicrosPerRow: number
}

/** Inserts rows like those of envelopes, each batch durably, four batches at a time. */
export async function measureInserts(
  topology: Topology,
  { batch, seconds }: { batch: number; seconds: number },
): Promise<InsertLimit> {
  return withDatabase(topology, async (sql) => {
    await sql`create schema bench`
    try {
      await sql`
        create table bench.rows (
          conversation_id uuid not null, seq bigint not null, id uuid not null,
          accepted_at bigint not null, ciphertext text not null,
          primary key (conversation_id, seq)
        )`
      return await insertFor(topology, sql, { batch, seconds })
    } finally {
      await sql`drop schema bench cascade`
    }
  })
}

async function insertFor(
  topology: Topology,
  sql: Sql,
  { batch, seconds }: { batch: number; seconds: number },
): Promise<InsertLimit> {
  let rows = 0
  const until = performance.now() + seconds * 1000
  const cpuBefore = await cpuSecondsOf(topology.pids())
  const start = performance.now()
  const keepInserting = async () => {
    const conversationId = randomUUID()
    for (let seq = 0; performance.now() < until; seq += batch) {
      await insert(sql, conversationId, seq, batch)
      rows += batch
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, keepInserting))
  const elapsed = (performance.now() - start) / 1000
  const cpu = (await cpuSecondsOf(topology.pids())) - cpuBefore
  return {
    rowsPerSecond: Math.round(rows / elapsed),
    cpuMicrosPerRow: rounded((cpu * 1e6) / rows, 1),
  }
}

async function insert(sql: Sql, conversationId: string, seq: number, batch: number) {
  const numbers = Array.from({ length: batch }, (_, n) => n)
  await sql`
    insert into bench.rows
    select ${conversationId}, * from unnest(
      ${numbers.map((n) => seq + n)}::bigint[],
      ${numbers.map(() => randomUUID())}::uuid[],
      ${numbers.map(() => Date.now())}::bigint[],
      ${numbers.map(nextCiphertext)}::text[]
    )`
}
