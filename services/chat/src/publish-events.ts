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
 * Publishes the chat service's events. They are recorded in `chat.event_outbox` in the same
 * transaction as the change, sent to the broker after the commit, and deleted when the broker has
 * accepted them. Those of a batch of envelopes are recorded in abbreviated form, see
 * `stored-events.ts`. Only typing goes straight to the broker, because it is not stored.
 */
export function publishEvents(deps: {
  sql: Sql
  broker: Broker
  log: Logger
  metrics?: Metrics
}): EventOutbox {
  return createEventOutbox({ ...deps, schema: 'chat', expand: expandAppended })
}
