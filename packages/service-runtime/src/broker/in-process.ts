import {
  type AccountEvent,
  type BatchDecided,
  type InstanceId,
  type SessionEnded,
  shardOf,
} from '@sotto/wire'
import type { Logger } from '../log.ts'
import type { Broker, Subscription } from './broker.ts'
import { CommandQueue, type CommandQueueOptions } from './command-queue.ts'

const DEFAULTS: CommandQueueOptions = {
  concurrency: 4,
  maxWaiting: 64,
  maxTries: 5,
  retryDelayMs: 200,
}

/** The broker for services that share a process: nothing leaves it, nothing outlives it. */
export function createInProcessBroker({
  log,
  ...options
}: { log: Logger } & Partial<CommandQueueOptions>): Broker {
  const commands = new CommandQueue(log, { ...DEFAULTS, ...options })
  const deliver = createDelivery(log)
  const shards = createTopic<AccountEvent, ReadonlySet<number>>(deliver)
  const instances = createTopic<BatchDecided, InstanceId>(deliver)
  const all = createTopic<SessionEnded, null>(deliver)
  let isOpen = true

  function ensureOpen() {
    if (!isOpen) throw new Error('the broker is closed')
  }

  return {
    sendCommand: (command) => commands.send(command),
    async consumeCommands(handler) {
      ensureOpen()
      return commands.consume(handler)
    },
    async publishToShards(event) {
      ensureOpen()
      const concerned = [...new Set(event.recipients.map(shardOf))]
      shards.publish(event, (held) => concerned.some((shard) => held.has(shard)))
    },
    async subscribeShards(initial, handler) {
      ensureOpen()
      const subscription = shards.subscribe(new Set(initial), handler)
      return {
        close: subscription.close,
        async setShards(next) {
          subscription.setKey(new Set(next))
        },
      }
    },
    async publishToInstance(id, event) {
      ensureOpen()
      instances.publish(event, (instanceId) => instanceId === id)
    },
    async subscribeInstance(id, handler) {
      ensureOpen()
      return instances.subscribe(id, handler)
    },
    async publishToAll(event) {
      ensureOpen()
      all.publish(event, () => true)
    },
    async subscribeAll(handler) {
      ensureOpen()
      return all.subscribe(null, handler)
    },
    isHealthy: () => isOpen,
    async close() {
      isOpen = false
      for (const topic of [shards, instances, all]) topic.close()
      await commands.close()
    },
  }
}

type Deliver = (delivery: () => void) => void

/** Runs what was published in one turn together in the next one, each shielded from the others. */
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

/** Subscriptions of one kind, each with the key that decides what it receives. */
function createTopic<Event, Key>(deliver: Deliver) {
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
    publish(event: Event, matches: (key: Key) => boolean) {
      for (const subscriber of subscribers) {
        if (!matches(subscriber.key)) continue
        deliver(() => {
          if (subscriber.isOpen) subscriber.handler(event)
        })
      }
    },
    subscribe(
      key: Key,
      handler: (event: Event) => void,
    ): Subscription & { setKey(next: Key): void } {
      const subscriber: Subscriber = { key, isOpen: true, handler }
      subscribers.add(subscriber)
      return {
        close: async () => remove(subscriber),
        setKey(next) {
          subscriber.key = next
        },
      }
    },
    close() {
      for (const subscriber of subscribers) remove(subscriber)
    },
  }
}
