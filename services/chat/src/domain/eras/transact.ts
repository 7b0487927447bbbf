import type { EventOutbox, OutboxEvent, RecordedEvents, Sql, Tx } from '@sotto/service-runtime'
import * as acceptanceMarks from '../../store/eras/acceptance-marks.ts'
import type { Acknowledgement } from './acceptance-memory.ts'
import type { EraGuard } from './guard-era.ts'

/**
 * Records in the current transaction that something was changed, with the resulting events and
 * jobs. Every transaction that changes something must call it; otherwise a loss goes unnoticed.
 */
export type Record = (events: readonly OutboxEvent[]) => Promise<void>

/**
 * Runs `act` in one transaction. The events it records are committed with the change, and published
 * after the commit, or not at all. It runs again if the database turns out to be on another server
 * than before.
 */
export async function transact<T>(
  { sql, outbox, eras }: { sql: Sql; outbox: EventOutbox; eras: EraGuard },
  act: (tx: Tx, record: Record) => Promise<T>,
): Promise<T> {
  const { memory } = eras
  return eras.onKnownServer(async () => {
    const { result, recorded, left } = await sql.begin(async (tx) => {
      const recorded: RecordedEvents[] = []
      const left: Required<Pick<Acknowledgement, 'server' | 'mark'>>[] = []
      const result = await act(tx, async (events) => {
        const mark = memory.nextMark()
        // Both are sent together, in one round trip.
        const [added, server] = await Promise.all([
          outbox.add(tx, events),
          acceptanceMarks.leave(tx, memory.instanceId, mark),
        ])
        eras.check(server)
        recorded.push(added)
        left.push({ server, mark })
      })
      return { result, recorded, left }
    })
    for (const acknowledgement of left) {
      memory.remember(acknowledgement)
      memory.freeSlot(acknowledgement.mark)
    }
    for (const events of recorded) outbox.publish(events)
    return result
  })
}
