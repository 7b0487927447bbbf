import { type AddressedEvent, writeEvents, writeWork } from './bodies.ts'
import type { Link } from './link.ts'
import { createLane, type Lane } from './publish-batches.ts'

const MAX_EVENTS = 512
// A single process handles each message, so a message contains only a few batches of envelopes.
const MAX_COMMANDS = 16

/**
 * The lane of a command queue, as JSON. Commands are transient: a device resends what was not
 * accepted, so RabbitMQ need not write it to disk.
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
 * The lane for jobs of one kind and priority, as JSON. Each message carries one job, because
 * priority belongs to the message. Messages are persistent, because no one resends a job.
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
 * The lane for all events. RabbitMQ delivers each message once to every queue that is bound to one
 * of its keys, so a tick costs one publication regardless of the number of recipients. With many
 * instances, each would mostly receive events for others; `maxShards` therefore limits the shards
 * per message.
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
        // BCC routes like CC but is not delivered with the message.
        envelope: { exchange, routingKey, durable: false, headers: { BCC: others } },
        body: writeEvents(events),
      }
    },
  })
}

function keysOf(events: readonly AddressedEvent[]): string[] {
  return [...new Set(events.flatMap(({ keys }) => keys))]
}
