import type { AsyncMessage } from 'rabbitmq-client'
import type { Logger } from '../../log.ts'
import type { Subscription } from '../broker.ts'
import type { WorkQueueOptions } from '../work-queue.ts'
import { readWork } from './bodies.ts'
import type { SetAside } from './dead-letters.ts'
import type { Session } from './link.ts'

export interface ConsumerDependencies<Work> {
  readonly log: Logger
  readonly queue: string
  readonly options: WorkQueueOptions
  readonly setAside: SetAside
  /** Throws if the text is not valid for this queue. */
  readonly parse: (text: string) => Work
  readonly handler: (work: Work) => Promise<void>
}

/** One AMQP message, acknowledged when everything in it is settled. */
interface Delivery {
  readonly session: Session
  readonly deliveryTag: number
  unsettled: number
  /**
   * Whether the whole message must be redelivered, because some of its work could not be
   * dead-lettered.
   */
  isLost: boolean
}

interface Task {
  readonly delivery: Delivery
  readonly text: string
  tries: number
}

/**
 * Consumes work from a queue, `concurrency` at a time. Failed work is retried here, after a delay,
 * while its message stays unacknowledged: if this process dies in the meantime, the broker gives
 * the message to another one, and if all work fails, this consumer takes no more from the queue.
 */
export class WorkConsumer<Work> implements Subscription {
  readonly #deps: ConsumerDependencies<Work>
  readonly #waiting: Task[] = []
  readonly #running = new Set<Promise<void>>()
  #session: Session | undefined
  #consumerTag = ''
  #isOpen = true

  constructor(deps: ConsumerDependencies<Work>) {
    this.#deps = deps
  }

  /** Starts to consume in a new session. */
  async attach(session: Session): Promise<void> {
    if (!this.#isOpen || this.#session === session) return
    this.#session = session
    const { queue, options } = this.#deps
    // The broker redelivers messages that were not acknowledged in the last session.
    this.#waiting.length = 0
    await session.consuming.basicQos({ prefetchCount: options.concurrency })
    const { consumerTag } = await session.consuming.basicConsume({ queue }, (message) =>
      this.#receive(session, message),
    )
    this.#consumerTag = consumerTag
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (this.#session?.isAlive) {
      await this.#session.consuming.basicCancel(this.#consumerTag).catch(() => undefined)
    }
    this.#giveBack()
    await Promise.all(this.#running)
  }

  #receive(session: Session, { deliveryTag, body }: AsyncMessage) {
    const texts = readWork(body)
    const delivery = { session, deliveryTag, unsettled: texts.length, isLost: false }
    for (const text of texts) this.#waiting.push({ delivery, text, tries: 0 })
    if (this.#isOpen) this.#dispatch()
    else this.#giveBack()
  }

  /** Returns work that has not begun to other consumers immediately. */
  #giveBack() {
    for (const { delivery } of this.#waiting.splice(0)) this.#settle(delivery, true)
  }

  #dispatch() {
    while (this.#running.size < this.#deps.options.concurrency) {
      const task = this.#waiting.shift()
      if (!task) return
      const run = this.#run(task).finally(() => {
        this.#running.delete(run)
        this.#dispatch()
      })
      this.#running.add(run)
    }
  }

  async #run(task: Task): Promise<void> {
    const { parse, handler } = this.#deps
    let work: Work
    try {
      work = parse(task.text)
    } catch (error) {
      return this.#giveUp(task, 'unreadable', error)
    }
    try {
      task.tries += 1
      await handler(work)
      this.#settle(task.delivery)
    } catch (error) {
      await this.#failed(task, error)
    }
  }

  async #failed(task: Task, error: unknown): Promise<void> {
    const { options, log, queue } = this.#deps
    const { tries } = task
    if (tries >= options.maxTries) return this.#giveUp(task, 'failed', error)
    log.warn({ err: error, queue, tries }, 'work failed')
    setTimeout(() => this.#tryAgain(task), options.retryDelayMs * 2 ** (tries - 1))
  }

  #tryAgain(task: Task) {
    // After a reconnection, another consumer already has it.
    if (!task.delivery.session.isAlive) return
    this.#waiting.unshift(task)
    if (this.#isOpen) this.#dispatch()
    else this.#giveBack()
  }

  async #giveUp(task: Task, reason: 'unreadable' | 'failed', error: unknown) {
    const { setAside, queue, log } = this.#deps
    const { delivery, text } = task
    const detail = error instanceof Error ? error.name : typeof error
    try {
      await setAside(delivery.session, { queue, reason, detail, text })
      this.#settle(delivery)
    } catch (cause) {
      log.warn({ err: cause, queue }, 'work could not be dead-lettered')
      this.#settle(delivery, true)
    }
  }

  #settle(delivery: Delivery, isLost = false) {
    delivery.unsettled -= 1
    delivery.isLost ||= isLost
    const { session, deliveryTag } = delivery
    if (delivery.unsettled > 0 || !session.isAlive) return
    if (delivery.isLost) session.consuming.basicNack({ deliveryTag, requeue: true })
    else session.consuming.basicAck({ deliveryTag })
  }
}
