import { type AddressedEvent, writeEvents, writeWork } from './bodies.ts'
import type { Link } from './link.ts'
import { createLane, type Lane } from './publish-batches.ts'

const MAX_EVENTS = 512
// A message is worked on by one process alone, so it holds but a few batches of envelopes.
const MAX_COMMANDS = 16

/**
 * The lane of a queue of commands, as JSON. They are transient: RabbitMQ need not write what a device
 * sends again when nobody accepted it.
 */
export function commandLane(link: Link, queue: string): Lane<string> {
  return createLane({
    link,
    maxParcels: MAX_COMMANDS,
    charsOf: (text) => text.length,
    pack: (texts) => ({
      envelope: { routingKey: queue, mandatory: true, durable: false },
      body: writeWork(texts),
    }),
  })
}

/**
 * The lane of jobs of one kind and priority, as JSON. One in a message, because the priority is the
 * message's; stored, because nobody sends a job again.
 */
export function jobLane(link: Link, queue: string, priority: number): Lane<string> {
  return createLane({
    link,
    maxParcels: 1,
    charsOf: (text) => text.length,
    pack: (texts) => ({
      envelope: { routingKey: queue, mandatory: true, durable: true, priority },
      body: writeWork(texts),
    }),
  })
}

/**
 * The lane of all events. One message goes to every queue that is bound to one of its keys, once, so
 * a tick costs one publication whoever it is for. With many instances each of them would receive
 * most of what is for others: `maxShards` then keeps a message to few of them.
 */
export function eventLane(link: Link, exchange: string, maxShards: number): Lane<AddressedEvent> {
  return createLane({
    link,
    maxParcels: MAX_EVENTS,
    charsOf: ({ text, keys }) => text.length + keys.length * 4,
    fits: (packed, next) => keysOf([...packed, next]).length <= maxShards,
    pack(events) {
      const [routingKey = '', ...others] = keysOf(events)
      return {
        // BCC routes like CC, and is not delivered with the message.
        envelope: { exchange, routingKey, durable: false, headers: { BCC: others } },
        body: writeEvents(events),
      }
    },
  })
}

function keysOf(events: readonly AddressedEvent[]): string[] {
  return [...new Set(events.flatMap(({ keys }) => keys))]
}
