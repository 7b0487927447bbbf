import {
  type Broker,
  createEventOutbox,
  type EventOutbox,
  type Logger,
  type Sql,
} from '@sotto/service-runtime'

/** The event outbox of the chat service. Its table is there from `start` on. */
export interface EventPublisher extends EventOutbox {
  start(): void
}

/**
 * Events leave the chat service by one way: recorded in `chat.event_outbox` in the transaction of
 * what they tell of, handed to the broker after the commit, and deleted when it has taken them.
 * Typing alone goes straight to the broker, because nothing is stored of it.
 */
export function publishEvents(deps: { sql: Sql; broker: Broker; log: Logger }): EventPublisher {
  let outbox: EventOutbox | undefined

  function started(): EventOutbox {
    if (!outbox) throw new Error('the chat service is not started')
    return outbox
  }

  return {
    start() {
      outbox ??= createEventOutbox({ ...deps, schema: 'chat' })
    },
    add: (tx, events) => started().add(tx, events),
    kick: () => started().kick(),
    close: async () => outbox?.close(),
  }
}
