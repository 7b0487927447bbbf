import { AccountEvent, SessionEnded } from '@sotto/wire'
import { z } from 'zod'
import type { Broker } from './broker/broker.ts'
import type { Logger } from './log.ts'
import type { Sql, Tx } from './postgres.ts'

/** What is published by way of the event outbox. */
export const OutboxEvent = z.union([AccountEvent, SessionEnded])
export type OutboxEvent = z.infer<typeof OutboxEvent>

/** Hands events to the broker once the transaction they belong to is committed; never loses one. */
export interface EventOutbox {
  /** Records events in the caller's transaction. Call `kick` after the commit. */
  add(tx: Tx, events: readonly OutboxEvent[]): Promise<void>
  /** Publishes what is committed, soon. */
  kick(): void
  /** Waits for the publishing under way and stops. What is left goes out at the next start. */
  close(): Promise<void>
}

const MAX_EVENTS_PER_ROUND = 256
const SWEEP_EVERY_MS = 2_000

/**
 * Publishes from the table `event_outbox` of `schema`, which comes with `migrate`. An event leaves
 * the table after the broker took it, so it may arrive twice after a crash, and in any order. A sweep
 * every two seconds finds what a crash or an unreachable broker left behind.
 */
export function createEventOutbox(options: {
  sql: Sql
  schema: string
  broker: Broker
  log: Logger
}): EventOutbox {
  const { sql, schema, broker, log } = options
  let isClosed = false
  let isWanted = false
  let running: Promise<void> | undefined

  async function drain() {
    while (isWanted && !isClosed) {
      isWanted = false
      try {
        while ((await publishSome(sql, schema, broker)) === MAX_EVENTS_PER_ROUND && !isClosed);
      } catch (error) {
        log.warn({ err: error }, 'events wait in the event outbox')
      }
    }
    running = undefined
  }

  function kick() {
    isWanted = true
    if (!isClosed) running ??= drain()
  }

  const sweep = setInterval(kick, SWEEP_EVERY_MS)
  sweep.unref()

  return {
    kick,
    async add(tx, events) {
      if (events.length === 0) return
      const rows = events.map((event) => ({ event: JSON.stringify(event) }))
      await tx`insert into ${tx(schema)}.event_outbox ${tx(rows)}`
    },
    async close() {
      isClosed = true
      clearInterval(sweep)
      await running
    },
  }
}

async function publishSome(sql: Sql, schema: string, broker: Broker): Promise<number> {
  return sql.begin(async (tx) => {
    // If the deletion is lost in a crash the event goes out twice, which it may.
    await tx`set local synchronous_commit = off`
    const rows = await tx<{ event: string }[]>`
      delete from ${tx(schema)}.event_outbox where id in (
        select id from ${tx(schema)}.event_outbox
        order by id limit ${MAX_EVENTS_PER_ROUND} for update skip locked
      ) returning event`
    const events = rows.map(({ event }) => OutboxEvent.parse(JSON.parse(event)))
    await Promise.all(events.map((event) => publish(broker, event)))
    return rows.length
  })
}

function publish(broker: Broker, event: OutboxEvent): Promise<void> {
  return event.type === 'session.ended' ? broker.publishToAll(event) : broker.publishToShards(event)
}
