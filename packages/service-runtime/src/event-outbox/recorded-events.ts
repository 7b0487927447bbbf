import { AccountEvent, BroadcastEvent, Job } from '@sotto/wire'
import { z } from 'zod'
import type { Tx } from '../database/postgres.ts'
import type { Statement } from '../database/two-trips.ts'

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

/** Reconstructs the events that a row represents; undefined if it represents none. */
export type Expand = (tx: Tx, row: unknown) => Promise<OutboxEvent[] | undefined>
