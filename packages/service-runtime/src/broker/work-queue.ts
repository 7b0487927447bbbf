import type { Logger } from '../log.ts'
import type { Subscription } from './broker.ts'

interface Consumer<Work> {
  readonly handler: (work: Work) => Promise<void>
  readonly running: Set<Promise<void>>
}

interface Delivery<Work> {
  readonly work: Work
  readonly priority: number
  tries: number
}

/** The limits of a command or job queue. */
export interface WorkQueueOptions {
  /** How many a consumer handles at a time. */
  concurrency: number
  /** How many may wait for a consumer before senders must wait. */
  maxWaiting: number
  /** How often failing work is tried before it is dead-lettered. */
  maxTries: number
  /** The delay before the second attempt. It doubles before each further attempt. */
  retryDelayMs: number
}

export const COMMAND_DEFAULTS: WorkQueueOptions = {
  concurrency: 4,
  maxWaiting: 64,
  maxTries: 5,
  retryDelayMs: 200,
}

/** More at a time, because jobs wait for external services: an SMS gateway, a mail server. */
export const JOB_DEFAULTS: WorkQueueOptions = {
  concurrency: 16,
  maxWaiting: 1_000,
  maxTries: 4,
  retryDelayMs: 1_000,
}

/**
 * A work queue of the in-process broker. Work that is waiting when the process ends is lost. The
 * contract allows that for commands, because none of them was answered with `accepted` and the
 * device resends them. A person whose code does not arrive requests another.
 */
export class WorkQueue<Work extends { readonly type: string }> {
  readonly #log: Logger
  readonly #options: WorkQueueOptions
  readonly #waiting: Delivery<Work>[] = []
  readonly #consumers = new Set<Consumer<Work>>()
  readonly #retries = new Set<NodeJS.Timeout>()
  /** Senders that wait for room, in order. */
  readonly #heldBack: PromiseWithResolvers<void>[] = []
  #isOpen = true

  constructor(log: Logger, options: WorkQueueOptions) {
    this.#log = log
    this.#options = options
  }

  /** The number waiting for a consumer. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Resolves when fewer than `maxWaiting` wait; rejects if the queue is closed. */
  async send(work: Work, priority = 0): Promise<void> {
    if (!this.#isOpen) throw new Error('The broker is closed')
    const before = this.#waiting.findLastIndex((other) => other.priority >= priority)
    this.#waiting.splice(before + 1, 0, { work, priority, tries: 0 })
    this.#dispatch()
    if (this.#waiting.length < this.#options.maxWaiting) return
    const room = Promise.withResolvers<void>()
    this.#heldBack.push(room)
    await room.promise
  }

  /** Passes work to `handler` until the subscription is closed. */
  consume(handler: (work: Work) => Promise<void>): Subscription {
    const consumer: Consumer<Work> = { handler, running: new Set() }
    this.#consumers.add(consumer)
    this.#dispatch()
    return {
      close: async () => {
        this.#consumers.delete(consumer)
        await Promise.all(consumer.running)
      },
    }
  }

  /** Takes no more work, waits for running handlers, and drops the rest. */
  async close() {
    this.#isOpen = false
    const abandoned = this.#waiting.splice(0).length + this.#retries.size
    if (abandoned > 0) this.#log.warn({ abandoned }, 'the broker was closed with work waiting')
    for (const retry of this.#retries) clearTimeout(retry)
    for (const room of this.#heldBack.splice(0)) room.reject(new Error('The broker is closed'))
    await Promise.all([...this.#consumers].flatMap(({ running }) => [...running]))
  }

  #dispatch() {
    while (this.#waiting.length > 0) {
      const consumer = this.#idlestConsumer()
      const delivery = consumer && this.#waiting.shift()
      if (!delivery) break
      this.#start(consumer, delivery)
    }
    while (this.#waiting.length < this.#options.maxWaiting && this.#heldBack.length > 0) {
      this.#heldBack.shift()?.resolve()
    }
  }

  #idlestConsumer(): Consumer<Work> | undefined {
    let idlest: Consumer<Work> | undefined
    for (const consumer of this.#consumers) {
      if (consumer.running.size >= this.#options.concurrency) continue
      if (!idlest || consumer.running.size < idlest.running.size) idlest = consumer
    }
    return idlest
  }

  #start(consumer: Consumer<Work>, delivery: Delivery<Work>) {
    delivery.tries += 1
    // Through `then`, so that the handler never runs inside the sending call.
    const run = Promise.resolve(delivery.work)
      .then(consumer.handler)
      .catch((error: unknown) => this.#tryAgainLater(delivery, error))
      .finally(() => {
        consumer.running.delete(run)
        if (this.#isOpen) this.#dispatch()
      })
    consumer.running.add(run)
  }

  #tryAgainLater(delivery: Delivery<Work>, error: unknown) {
    const { tries, work } = delivery
    if (tries >= this.#options.maxTries) {
      this.#log.error({ err: error, type: work.type, tries }, 'work dead-lettered')
      return
    }
    this.#log.warn({ err: error, type: work.type, tries }, 'work failed')
    if (!this.#isOpen) return
    const retry = setTimeout(
      () => {
        this.#retries.delete(retry)
        this.#waiting.unshift(delivery)
        this.#dispatch()
      },
      this.#options.retryDelayMs * 2 ** (tries - 1),
    )
    this.#retries.add(retry)
  }
}
