import { setTimeout as sleep } from 'node:timers/promises'
import { AccountEvent, BroadcastEvent, Job } from '@sotto/wire'
import { z } from 'zod'
import type { Broker } from '../broker/broker.ts'
import type { Sql, Tx } from '../database/postgres.ts'
import type { Statement } from '../database/two-trips.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'

/**
 * Everything that is published through the event outbox: events, and jobs that must not be lost.
 */
export const OutboxEvent = z.union([AccountEvent, BroadcastEvent, Job])
export type OutboxEvent = z.infer<typeof OutboxEvent>

/** The events that a transaction has recorded. */
export interface RecordedEvents {
  /** The statement that inserts the rows and returns their ids. */
  readonly statement: Statement<{ id: number }>
  readonly events: readonly OutboxEvent[]
}

/** Publishes events to the broker after their transaction is committed, and never loses one. */
export interface EventOutbox {
  /** Records events in the caller's transaction. After the commit, call `publish` or `kick`. */
  add(tx: Tx, events: readonly OutboxEvent[]): Promise<RecordedEvents>
  /**
   * The same with a statement that is not sent yet. `inShort` replaces the events in the table;
   * after a crash, the option `expand` reconstructs them from it.
   */
  record(tx: Tx, events: readonly OutboxEvent[], inShort?: object): RecordedEvents
  /**
   * Publishes recorded events immediately, without reading them again. Call it only after the
   * commit.
   */
  publish(recorded: RecordedEvents): void
  /** Publishes all committed events soon. */
  kick(): void
  /**
   * Await this before adding more events. While the broker is slower than the events arrive, it
   * waits up to five seconds, so that the table does not grow without bound.
   */
  room(): Promise<void>
  /** Waits for current publications and stops. Remaining events are published at the next start. */
  close(): Promise<void>
}

/** Reconstructs the events that a row represents; undefined if it represents none. */
export type Expand = (tx: Tx, row: unknown) => Promise<OutboxEvent[] | undefined>

// A row may represent a whole batch.
const MAX_ROWS_PER_ROUND = 64
const SWEEP_EVERY_MS = 2_000
// Younger rows are being published right now.
const SWEEP_OLDER_THAN_SECONDS = 1
const DELETE_AFTER_MS = 100
/** Events that this process has sent and the broker has not confirmed. */
const MAX_UNCONFIRMED = 2_000
const WAIT_FOR_ROOM_MS = 5_000
const LOOK_FOR_ROOM_EVERY_MS = 50

/**
 * Publishes from the table `event_outbox` of `schema`, which `migrate` creates. An event leaves the
 * table after the broker has taken it, so it may arrive twice after a crash or from a slow
 * instance, and in any order. A sweep every two seconds finds events that a crash or an unreachable
 * broker left behind.
 */
export function createEventOutbox(options: {
  sql: Sql
  schema: string
  broker: Broker
  log: Logger
  metrics?: Metrics | undefined
  expand?: Expand
}): EventOutbox {
  const { sql, schema, log, metrics } = options
  if (metrics) measure(metrics, sql, schema)
  const direct = createDirectPublishing(options)
  let isClosed = false
  /** The minimum age in seconds of the events to publish; undefined if there is nothing to do. */
  let wanted: number | undefined
  let running: Promise<void> | undefined
  /** Whether the last sweep found more than one round could publish, or the broker failed. */
  let isBehind = false

  async function drain() {
    while (wanted !== undefined && !isClosed) {
      const seconds = wanted
      wanted = undefined
      try {
        await publishAll(seconds)
      } catch (error) {
        isBehind = true
        log.warn({ err: error }, 'events are waiting in the event outbox')
      }
    }
    running = undefined
  }

  async function publishAll(olderThanSeconds: number) {
    do {
      const count = await publishSome(sql, { ...options, olderThanSeconds, underWay: direct.rows })
      isBehind = count === MAX_ROWS_PER_ROUND
    } while (isBehind && !isClosed)
  }

  function start(olderThanSeconds: number) {
    wanted = Math.min(olderThanSeconds, wanted ?? olderThanSeconds)
    if (!isClosed) running ??= drain()
  }

  const sweep = setInterval(start, SWEEP_EVERY_MS, SWEEP_OLDER_THAN_SECONDS)
  sweep.unref()

  return {
    kick: () => start(0),
    async room() {
      const until = performance.now() + WAIT_FOR_ROOM_MS
      const isFull = () => isBehind || direct.unconfirmed >= MAX_UNCONFIRMED
      while (isFull() && !isClosed && performance.now() < until) await sleep(LOOK_FOR_ROOM_EVERY_MS)
    },
    publish(recorded) {
      if (!isClosed) direct.publish(recorded)
    },
    async add(tx, events) {
      const recorded = record(schema, tx, events, events)
      if (events.length > 0) await recorded.statement
      return recorded
    },
    record: (tx, events, inShort) => record(schema, tx, inShort ? [inShort] : events, events),
    async close() {
      isClosed = true
      clearInterval(sweep)
      await direct.close()
      await running
    },
  }
}

function record(
  schema: string,
  tx: Tx,
  rows: readonly object[],
  events: readonly OutboxEvent[],
): RecordedEvents {
  const texts = rows.map((row) => JSON.stringify(row))
  const statement = tx<{ id: number }[]>`
    insert into ${tx(schema)}.event_outbox (event) select unnest(${texts}::text[])
    returning id`
  return { statement, events }
}

const MAX_COUNTED = 100_000

function measure(metrics: Metrics, sql: Sql, schema: string) {
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

/**
 * Publishes from memory. The rows of many events are deleted together, a moment later; until then
 * they remain in `rows`.
 */
function createDirectPublishing(options: {
  sql: Sql
  schema: string
  broker: Broker
  log: Logger
}) {
  const { sql, schema, broker, log } = options
  const underWay = new Set<Promise<void>>()
  const rows = new Set<number>()
  let unconfirmed = 0
  let published: number[] = []
  let timer: NodeJS.Timeout | undefined

  async function deletePublished() {
    clearTimeout(timer)
    timer = undefined
    const ids = published
    published = []
    if (ids.length === 0) return
    try {
      await sql`delete from ${sql(schema)}.event_outbox where id = any(${ids}::bigint[])`
    } finally {
      for (const id of ids) rows.delete(id)
    }
  }

  async function publishAll({ statement, events }: RecordedEvents) {
    unconfirmed += events.length
    // In this turn, so that these events are sent together with the answer.
    const publishing = Promise.all(events.map((event) => publish(broker, event)))
    const [added, confirmed] = await Promise.allSettled([addRows(rows, statement), publishing])
    unconfirmed -= events.length
    const ids = added.status === 'fulfilled' ? added.value : []
    if (confirmed.status === 'rejected') {
      for (const id of ids) rows.delete(id)
      throw confirmed.reason
    }
    published.push(...ids)
    timer ??= setTimeout(() => track(deletePublished()), DELETE_AFTER_MS)
  }

  function track(work: Promise<void>) {
    // Whatever fails here, the rows remain for the sweep, which warns once for all of them.
    const tracked = work
      .catch((error: unknown) =>
        log.debug({ err: error }, 'events are waiting in the event outbox'),
      )
      .finally(() => underWay.delete(tracked))
    underWay.add(tracked)
  }

  return {
    rows,
    get unconfirmed() {
      return unconfirmed
    },
    publish(recorded: RecordedEvents) {
      if (recorded.events.length > 0) track(publishAll(recorded))
    },
    async close() {
      await Promise.all(underWay)
      track(deletePublished())
      await Promise.all(underWay)
    },
  }
}

/** Adds the rows that a statement has inserted to `rows`. */
async function addRows(rows: Set<number>, statement: RecordedEvents['statement']) {
  const ids = (await statement).map(({ id }) => id)
  for (const id of ids) rows.add(id)
  return ids
}

async function publishSome(
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
     -- PostgreSQL may run a subquery of "in" once for each row, and would exceed the limit..
      delete from ${tx(schema)}.event_outbox where id = any(array(
        select id from ${tx(schema)}.event_outbox
       -- Rows with a future timestamp were added before the clock was set back..
        where added_at not between now() - make_interval(secs => ${olderThanSeconds}) and now()
          and id <> all(${[...underWay]}::bigint[])
        order by id limit ${MAX_ROWS_PER_ROUND} for update skip locked
      )) returning event`
    const events = await Promise.all(rows.map(({ event }) => eventsOf(tx, event, options)))
    await Promise.all(events.flat().map((event) => publish(broker, event)))
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

function publish(broker: Broker, event: OutboxEvent): Promise<void> {
  switch (event.type) {
    case 'sessions.end':
    case 'code.deliver':
    case 'account.remove':
    case 'account.forget':
    case 'new_keys.tell':
      return broker.sendJob(event)
    default:
      return 'recipients' in event ? broker.publishToShards(event) : broker.publishToAll(event)
  }
}
