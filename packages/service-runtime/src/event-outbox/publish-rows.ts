import type { Broker } from '../broker/broker.ts'
import type { Sql, Tx } from '../database/postgres.ts'
import type { Logger } from '../log.ts'
import { publishEvent } from './publish-event.ts'
import { type Expand, OutboxEvent } from './recorded-events.ts'

// A row may represent a whole batch.
export const MAX_ROWS_PER_ROUND = 64

/** Publishes the oldest rows, at most `MAX_ROWS_PER_ROUND`, and returns their number. */
export async function publishRows(
  sql: Sql,
  options: {
    schema: string
    broker: Broker
    log: Logger
    expand?: Expand | undefined
    olderThanSeconds: number
    /** Rows that this process is currently publishing from memory. */
    underWay: ReadonlySet<number>
  },
): Promise<number> {
  const { schema, broker, olderThanSeconds, underWay } = options
  return sql.begin(async (tx) => {
    // If a crash undoes the deletion, the event is published twice, which is allowed.
    await tx`set local synchronous_commit = off`
    const rows = await tx<{ event: string }[]>`
      -- PostgreSQL may run a subquery of "in" once for each row, and would exceed the limit.
      delete from ${tx(schema)}.event_outbox where id = any(array(
        select id from ${tx(schema)}.event_outbox
        -- Rows with a future timestamp were added before the clock was set back.
        where added_at not between now() - make_interval(secs => ${olderThanSeconds}) and now()
          and id <> all(${[...underWay]}::bigint[])
        order by id limit ${MAX_ROWS_PER_ROUND} for update skip locked
      )) returning event`
    const events = await Promise.all(rows.map(({ event }) => eventsOf(tx, event, options)))
    await Promise.all(events.flat().map((event) => publishEvent(broker, event)))
    return rows.length
  })
}

async function eventsOf(
  tx: Tx,
  text: string,
  { log, expand }: { log: Logger; expand?: Expand | undefined },
): Promise<OutboxEvent[]> {
  const row: unknown = JSON.parse(text)
  const event = OutboxEvent.safeParse(row)
  if (event.success) return [event.data]
  const expanded = await expand?.(tx, row)
  if (expanded) return expanded
  // Written by another version of this program. If it stayed, it would block all others forever.
  log.error({ err: event.error }, 'dropped an event that cannot be read')
  return []
}
