import type { Command } from '@sotto/wire'
import type { Logger } from '../log.ts'
import type { Subscription } from './broker.ts'

type Handler = (command: Command) => Promise<void>

interface Consumer {
  readonly handler: Handler
  readonly running: Set<Promise<void>>
}

interface Delivery {
  readonly command: Command
  tries: number
}

/** How the in-process work queue behaves. */
export interface CommandQueueOptions {
  /** Commands a consumer works on at a time. */
  concurrency: number
  /** Commands that may wait for a consumer before senders have to wait. */
  maxWaiting: number
  /** How often a failing command is given to a handler before it is set aside. */
  maxTries: number
  /** Before the second try; twice as long before each further one. */
  retryDelayMs: number
}

/**
 * The work queue of the in-process broker. It lives and dies with the process: a command that waits
 * when the process ends is gone, which is within the rules, because nobody was told `accepted` yet
 * and the device sends it again.
 */
export class CommandQueue {
  readonly #log: Logger
  readonly #options: CommandQueueOptions
  readonly #waiting: Delivery[] = []
  readonly #consumers = new Set<Consumer>()
  readonly #retries = new Set<NodeJS.Timeout>()
  /** Senders that wait for room, in their order. */
  readonly #heldBack: PromiseWithResolvers<void>[] = []
  #isOpen = true

  constructor(log: Logger, options: CommandQueueOptions) {
    this.#log = log
    this.#options = options
  }

  /** Resolves when fewer than `maxWaiting` commands wait; rejects when the queue is closed. */
  async send(command: Command): Promise<void> {
    if (!this.#isOpen) throw new Error('the broker is closed')
    this.#waiting.push({ command, tries: 0 })
    this.#dispatch()
    if (this.#waiting.length < this.#options.maxWaiting) return
    const room = Promise.withResolvers<void>()
    this.#heldBack.push(room)
    await room.promise
  }

  /** Gives commands to `handler` until the subscription is closed. */
  consume(handler: Handler): Subscription {
    const consumer: Consumer = { handler, running: new Set() }
    this.#consumers.add(consumer)
    this.#dispatch()
    return {
      close: async () => {
        this.#consumers.delete(consumer)
        await Promise.all(consumer.running)
      },
    }
  }

  /** Takes no more commands, lets running ones end, and gives up the others. */
  async close() {
    this.#isOpen = false
    const abandoned = this.#waiting.splice(0).length + this.#retries.size
    if (abandoned > 0) this.#log.warn({ abandoned }, 'broker closed with commands waiting')
    for (const retry of this.#retries) clearTimeout(retry)
    for (const room of this.#heldBack.splice(0)) room.reject(new Error('the broker is closed'))
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

  #idlestConsumer(): Consumer | undefined {
    let idlest: Consumer | undefined
    for (const consumer of this.#consumers) {
      if (consumer.running.size >= this.#options.concurrency) continue
      if (!idlest || consumer.running.size < idlest.running.size) idlest = consumer
    }
    return idlest
  }

  #start(consumer: Consumer, delivery: Delivery) {
    delivery.tries += 1
    // By `then`, so that the handler never runs inside the call that sent the command.
    const run = Promise.resolve(delivery.command)
      .then(consumer.handler)
      .catch((error: unknown) => this.#tryAgainLater(delivery, error))
      .finally(() => {
        consumer.running.delete(run)
        if (this.#isOpen) this.#dispatch()
      })
    consumer.running.add(run)
  }

  #tryAgainLater(delivery: Delivery, error: unknown) {
    const { tries, command } = delivery
    if (tries >= this.#options.maxTries) {
      this.#log.error({ err: error, type: command.type, tries }, 'a command is given up')
      return
    }
    this.#log.warn({ err: error, type: command.type, tries }, 'a command failed')
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
