import type { Sql } from '../database/postgres.ts'
import type { Metrics } from '../metrics/metrics.ts'

const MAX_COUNTED = 100_000

/** Measures the table of `schema`. */
export function measureOutbox(metrics: Metrics, sql: Sql, schema: string) {
  metrics.gauge(
    { name: 'sotto_event_outbox_events', help: 'Events that the broker has not accepted yet' },
    async () => {
      const [row] = await sql<{ count: number }[]>`
        select count(*)::int from (
          select from ${sql(schema)}.event_outbox limit ${MAX_COUNTED}) as waiting`
      return row?.count ?? 0
    },
    { schema },
  )
  metrics.gauge(
    { name: 'sotto_event_outbox_oldest_seconds', help: 'Age of the oldest of these events' },
    async () => {
      const [row] = await sql<{ seconds: number }[]>`
        select extract(epoch from now() - added_at)::float as seconds
        from ${sql(schema)}.event_outbox order by id limit 1`
      return Math.max(0, row?.seconds ?? 0)
    },
    { schema },
  )
}
