import {
  type Broker,
  createEventOutbox,
  type EventOutbox,
  type Logger,
  type Metrics,
  type Sql,
} from '@sotto/service-runtime'
import { expandAppended } from './domain/envelopes/stored-events.ts'

/**
 * Events leave the chat service by one way: recorded in `chat.event_outbox` in the transaction of
 * what they tell of, handed to the broker after the commit, and deleted when it has taken them. Those of
 * a batch of envelopes are recorded in short, see `stored-events.ts`.
 * Typing alone goes straight to the broker, because nothing is stored of it.
 */
export function publishEvents(deps: {
  sql: Sql
  broker: Broker
  log: Logger
  metrics?: Metrics
}): EventOutbox {
  return createEventOutbox({ ...deps, schema: 'chat', expand: expandAppended })
}
