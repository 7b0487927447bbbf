import type { OutboxEvent, RecordedEvents, Tx } from '@sotto/service-runtime'
import type { ChatContext } from '../context.ts'

/** Records events and jobs in the transaction under way. */
export type Record = (events: readonly OutboxEvent[]) => Promise<void>

/**
 * Runs `act` in one transaction. The events it records are committed with what they tell of, and
 * published after the commit, or not at all.
 */
export async function transact<T>(
  { sql, outbox }: Pick<ChatContext, 'sql' | 'outbox'>,
  act: (tx: Tx, record: Record) => Promise<T>,
): Promise<T> {
  const { result, recorded } = await sql.begin(async (tx) => {
    const recorded: RecordedEvents[] = []
    const result = await act(tx, async (events) => {
      recorded.push(await outbox.add(tx, events))
    })
    return { result, recorded }
  })
  for (const events of recorded) outbox.publish(events)
  return result
}
