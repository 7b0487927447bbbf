import {
  type AccountEvent,
  type BatchDecided,
  type BroadcastEvent,
  type InstanceId,
  shardOf,
} from '@sotto/wire'
import type { Logger } from '../log.ts'
import type { Subscription } from './broker.ts'

type Deliver = (delivery: () => void) => void

/** The subscriptions of one process: the destinations of events that have arrived in it. */
export interface Topics {
  readonly shards: Topic<AccountEvent, ReadonlySet<number>>
  readonly instances: Topic<BatchDecided, InstanceId>
  readonly all: Topic<BroadcastEvent, null>
  toShards(event: AccountEvent): void
  toInstance(id: InstanceId, event: BatchDecided): void
  toAll(event: BroadcastEvent): void
  close(): void
}

export function createTopics(log: Logger): Topics {
  const deliver = createDelivery(log)
  const shards = createTopic<AccountEvent, ReadonlySet<number>>(deliver)
  const instances = createTopic<BatchDecided, InstanceId>(deliver)
  const all = createTopic<BroadcastEvent, null>(deliver)
  return {
    shards,
    instances,
    all,
    toShards(event) {
      const concerned = shardsOf(event)
      shards.publish(event, (held) => concerned.some((shard) => held.has(shard)))
    },
    toInstance: (id, event) => instances.publish(event, (instanceId) => instanceId === id),
    toAll: (event) => all.publish(event, () => true),
    close() {
      for (const topic of [shards, instances, all]) topic.close()
    },
  }
}

/** The distinct shards of an event's recipients. */
export function shardsOf(event: AccountEvent): number[] {
  return [...new Set(event.recipients.map(shardOf))]
}

/**
 * Delivers everything that was published in one turn in the next one, isolating handlers from each
 * other.
 */
function createDelivery(log: Logger): Deliver {
  let pending: (() => void)[] = []

  function run() {
    const due = pending
    pending = []
    for (const delivery of due) {
      try {
        delivery()
      } catch (error) {
        log.error({ err: error }, 'an event handler failed')
      }
    }
  }

  return (delivery) => {
    if (pending.push(delivery) === 1) setImmediate(run)
  }
}

/** Subscriptions of one kind. The key of each decides which events it receives. */
export interface Topic<Event, Key> {
  publish(event: Event, matches: (key: Key) => boolean): void
  subscribe(key: Key, handler: (event: Event) => void): Subscription & { setKey(next: Key): void }
  /** The keys of all subscriptions. */
  keys(): Key[]
  close(): void
}

function createTopic<Event, Key>(deliver: Deliver): Topic<Event, Key> {
  interface Subscriber {
    key: Key
    isOpen: boolean
    readonly handler: (event: Event) => void
  }
  const subscribers = new Set<Subscriber>()

  function remove(subscriber: Subscriber) {
    subscriber.isOpen = false
    subscribers.delete(subscriber)
  }

  return {
    publish(event, matches) {
      for (const subscriber of subscribers) {
        if (!matches(subscriber.key)) continue
        deliver(() => {
          if (subscriber.isOpen) subscriber.handler(event)
        })
      }
    },
    subscribe(key, handler) {
      const subscriber: Subscriber = { key, isOpen: true, handler }
      subscribers.add(subscriber)
      return {
        close: async () => remove(subscriber),
        setKey(next) {
          subscriber.key = next
        },
      }
    },
    keys: () => [...subscribers].map(({ key }) => key),
    close() {
      for (const subscriber of subscribers) remove(subscriber)
    },
  }
}
