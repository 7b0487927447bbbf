import { type ErrorCode, MAX_BATCH, type NewEnvelope, type Verdict } from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'

/** The ids by which a sender identifies an envelope. */
export type NamedEnvelope = Pick<NewEnvelope, 'id' | 'conversationId'>

/** Sends verdicts to senders: one frame per connection and tick. */
export class Verdicts {
  #pending = new Map<Connection, Verdict[]>()

  add(connection: Connection, verdict: Verdict) {
    if (this.#pending.size === 0) setImmediate(() => this.flush())
    const verdicts = this.#pending.get(connection)
    if (verdicts) verdicts.push(verdict)
    else this.#pending.set(connection, [verdict])
  }

  refuse(connection: Connection, { id, conversationId }: NamedEnvelope, code: ErrorCode) {
    this.add(connection, { fate: 'refused', id, conversationId, code })
  }

  /** Sends the collected verdicts now, without waiting for the end of the tick. */
  flush() {
    const pending = this.#pending
    this.#pending = new Map()
    for (const [connection, verdicts] of pending) {
      for (let start = 0; start < verdicts.length; start += MAX_BATCH) {
        connection.send({ type: 'verdicts', verdicts: verdicts.slice(start, start + MAX_BATCH) })
      }
    }
  }
}
