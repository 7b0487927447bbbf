import type { Broker, Logger } from '@sotto/service-runtime'
import { type Actor, MAX_BATCH, type Receipt } from '@sotto/wire'

const MAX_WAITING = 8_192

interface Mark {
  readonly actor: Actor
  readonly receipt: Receipt
}

/** Collects marks into commands, keeping only the newest for each device and conversation. */
export class ReceiptCollector {
  readonly #broker: Broker
  readonly #log: Logger
  readonly #waiting = new Map<string, Mark>()
  #isSending = false

  constructor(broker: Broker, log: Logger) {
    this.#broker = broker
    this.#log = log
  }

  get isFull(): boolean {
    return this.#waiting.size >= MAX_WAITING
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && !this.#isSending
  }

  add(actor: Actor, receipts: readonly Receipt[]) {
    for (const receipt of receipts) this.#merge({ actor, receipt })
    this.sweep()
  }

  /** Sends waiting marks, unless a send is already in progress. Also retries after a failure. */
  sweep() {
    if (this.#isSending || this.#waiting.size === 0) return
    this.#isSending = true
    setImmediate(() => {
      this.#sendAll().finally(() => {
        this.#isSending = false
      })
    })
  }

  async #sendAll() {
    while (this.#waiting.size > 0) {
      const entries = [...this.#waiting].slice(0, MAX_BATCH)
      for (const [key] of entries) this.#waiting.delete(key)
      const receipts = entries.map(([, mark]) => mark)
      try {
        await this.#broker.sendCommand({ type: 'receipts.record', receipts })
      } catch (error) {
        this.#log.warn({ err: error, receipts: receipts.length }, 'receipts could not be sent')
        for (const mark of receipts) this.#merge(mark)
        return
      }
    }
  }

  #merge({ actor, receipt }: Mark) {
    // Per device, because the marks of a revoked device do not count.
    const key = `${actor.accountId} ${actor.deviceId} ${receipt.conversationId}`
    const { deliveredSeq = 0, readSeq = 0 } = this.#waiting.get(key)?.receipt ?? {}
    const newest = {
      conversationId: receipt.conversationId,
      deliveredSeq: Math.max(deliveredSeq, receipt.deliveredSeq),
      readSeq: Math.max(readSeq, receipt.readSeq),
    }
    this.#waiting.set(key, { actor, receipt: newest })
  }
}
