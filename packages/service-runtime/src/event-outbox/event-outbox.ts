import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from '../broker/broker.ts'
import type { Sql, Tx } from '../database/postgres.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { createDirectPublishing } from './direct-publishing.ts'
import { measureOutbox } from './measure-outbox.ts'
import { MAX_ROWS_PER_ROUND, publishRows } from './publish-rows.ts'
import type { Expand, OutboxEvent, RecordedEvents } from './recorded-events.ts'

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

const SWEEP_EVERY_MS = 2_000
// Younger rows are being published right now.
const SWEEP_OLDER_THAN_SECONDS = 1
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
  if (metrics) measureOutbox(metrics, sql, schema)
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
      const count = await publishRows(sql, { ...options, olderThanSeconds, underWay: direct.rows })
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
