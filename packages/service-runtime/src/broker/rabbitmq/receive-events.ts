import { AccountEvent, BatchDecided, BroadcastEvent } from '@sotto/wire'
import type { AsyncMessage } from 'rabbitmq-client'
import type { Logger } from '../../log.ts'
import type { Topics } from '../topics.ts'
import { EVERYBODY, instanceKey, shardKey } from './addresses.ts'
import { type AddressedEvent, readEvents } from './bodies.ts'
import type { SetAside } from './dead-letters.ts'
import { type Link, type Session, WAIT_FOR_SESSION_MS } from './link.ts'
import type { Topology } from './topology.ts'

interface Dependencies {
  readonly link: Link
  readonly topology: Topology
  readonly topics: Topics
  readonly setAside: SetAside
  readonly log: Logger
}

/** The queue of one session and its bindings. */
interface Queue {
  readonly session: Session
  readonly name: string
  readonly bound: Set<string>
}

/**
 * Receives the events of this process through one exclusive queue, bound to the keys of the
 * subscriptions. It exists as long as the session, so events published between two sessions are
 * lost, as the port's contract says. Nothing is acknowledged, because an event is a hint.
 */
export class EventReceiver {
  readonly #deps: Dependencies
  #queue: Queue | undefined
  /**
   * Changes of bindings run one after the other. Otherwise two changes could end in either state.
   */
  #binding: Promise<void> = Promise.resolve()

  constructor(deps: Dependencies) {
    this.#deps = deps
  }

  /** Declares and consumes the queue of a new session, with the current bindings. */
  async attach(session: Session): Promise<void> {
    const { consuming } = session
    const { queue: name } = await consuming.queueDeclare({ exclusive: true, autoDelete: true })
    this.#queue = { session, name, bound: new Set() }
    await this.#bind(this.#queue)
    await consuming.basicConsume({ queue: name, noAck: true, exclusive: true }, (message) =>
      this.#receive(session, message),
    )
  }

  /** Resolves when the queue is bound to all current keys. */
  async followWanted(): Promise<void> {
    const until = performance.now() + WAIT_FOR_SESSION_MS
    for (;;) {
      const session = await this.#deps.link.find(Math.max(0, until - performance.now()))
      const queue = this.#queue
      try {
        if (queue?.session === session) return await this.#bind(queue)
      } catch (error) {
        // A new session will bind to the keys that it needs then.
        if (session.isAlive) throw error
      }
      await session.ended
    }
  }

  #bind(queue: Queue): Promise<void> {
    const change = this.#binding.then(() => this.#applyWanted(queue))
    this.#binding = change.catch(() => undefined)
    return change
  }

  async #applyWanted({ session, name, bound }: Queue): Promise<void> {
    const exchange = this.#deps.topology.events
    const wanted = this.#wantedKeys()
    for (const routingKey of wanted) {
      if (bound.has(routingKey)) continue
      await session.consuming.queueBind({ exchange, queue: name, routingKey })
      bound.add(routingKey)
    }
    for (const routingKey of bound) {
      if (wanted.has(routingKey)) continue
      await session.consuming.queueUnbind({ exchange, queue: name, routingKey })
      bound.delete(routingKey)
    }
  }

  #wantedKeys(): Set<string> {
    const { shards, instances, all } = this.#deps.topics
    return new Set([
      ...shards.keys().flatMap((held) => [...held].map(shardKey)),
      ...instances.keys().map(instanceKey),
      ...all.keys().map(() => EVERYBODY),
    ])
  }

  #receive(session: Session, { body }: AsyncMessage) {
    const wanted = this.#wantedKeys()
    try {
      for (const event of readEvents(body)) {
        if (event.keys.some((key) => wanted.has(key))) this.#deliver(session, event)
      }
    } catch (error) {
      this.#refuse(session, body.toString(), error)
    }
  }

  #deliver(session: Session, { keys, text }: AddressedEvent) {
    const { topics } = this.#deps
    try {
      const event: unknown = JSON.parse(text)
      const to = keys[0]
      if (to === EVERYBODY) topics.toAll(BroadcastEvent.parse(event))
      else if (to?.startsWith('i')) this.#toInstance(to, BatchDecided.parse(event))
      else topics.toShards(AccountEvent.parse(event))
    } catch (error) {
      this.#refuse(session, text, error)
    }
  }

  #toInstance(key: string, event: BatchDecided) {
    const { topics } = this.#deps
    for (const id of topics.instances.keys()) {
      if (instanceKey(id) === key) topics.toInstance(id, event)
    }
  }

  #refuse(session: Session, text: string, error: unknown) {
    const { setAside, topology, log } = this.#deps
    const detail = error instanceof Error ? error.name : typeof error
    setAside(session, { queue: topology.events, reason: 'unreadable', detail, text }).catch(
      (cause: unknown) => log.warn({ err: cause }, 'an event could not be dead-lettered'),
    )
  }
}
