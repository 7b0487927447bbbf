import type { Broker } from '../broker/broker.ts'
import type { Sql } from '../database/postgres.ts'
import type { Logger } from '../log.ts'
import { publishEvent } from './publish-event.ts'
import type { RecordedEvents } from './recorded-events.ts'

const DELETE_AFTER_MS = 100

/**
 * Publishes from memory. The rows of many events are deleted together, a moment later; until then
 * they remain in `rows`.
 */
export function createDirectPublishing(options: {
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
    const publishing = Promise.all(events.map((event) => publishEvent(broker, event)))
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
