import {
  type Actor,
  type ConversationId,
  type EnvelopeId,
  MAX_BATCH,
  type NewEnvelope,
} from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'

/** Characters of ciphertext per command. A single envelope always fits. */
const MAX_BATCH_CHARS = 1024 * 1024

/** An envelope on its way to the chat service, and the connection that waits for its verdict. */
export interface Sending {
  readonly connection: Connection
  readonly actor: Actor
  readonly envelope: NewEnvelope
  /** Among the envelopes of the connection, in the order of arrival. */
  readonly place: number
  /** By the monotonic clock. */
  readonly arrivedAt: number
}

interface Lane {
  readonly waiting: Sending[]
  isInFlight: boolean
}

/**
 * The envelopes waiting for a batch, one lane per conversation.
 *
 * Note: order of a conversation. Several batches are in flight at once and several consumers take
 * them, so two batches may be decided in either order. But a later envelope of the same sender must
 * not overtake an earlier one in its conversation. Therefore a conversation is never in two batches
 * in flight: while one of them is undecided, its lane is closed, and new arrivals wait in it for
 * the next. A batch preserves the order of its envelopes. Under load this costs nothing, because
 * waiting envelopes are sent together, and it prevents two transactions from waiting for the same
 * conversation's row.
 */
export class Lanes {
  readonly #lanes = new Map<ConversationId, Lane>()
  /** Conversations that may enter the next batch, in order of their turns. */
  readonly #open = new Set<ConversationId>()
  #envelopes = 0
  #chars = 0

  /** The number of waiting envelopes. */
  get size(): number {
    return this.#envelopes
  }

  /** The characters of waiting ciphertext. */
  get chars(): number {
    return this.#chars
  }

  get hasOpen(): boolean {
    return this.#open.size > 0
  }

  add(sending: Sending) {
    const { conversationId } = sending.envelope
    const lane = this.#lanes.get(conversationId)
    if (lane) lane.waiting.push(sending)
    else this.#lanes.set(conversationId, { waiting: [sending], isInFlight: false })
    if (!lane?.isInFlight) this.#open.add(conversationId)
    this.#count(sending, 1)
  }

  /** Takes a batch from the open lanes, and closes each lane that it took from. */
  take(): Sending[] {
    const batch: Batch = { sendings: [], ids: new Set(), chars: 0 }
    for (const conversationId of this.#open) {
      if (batch.sendings.length >= MAX_BATCH) break
      const lane = this.#lanes.get(conversationId)
      const taken = lane ? fill(batch, lane.waiting) : 0
      if (!lane || taken === 0) continue
      lane.waiting.splice(0, taken)
      lane.isInFlight = true
      this.#open.delete(conversationId)
    }
    for (const sending of batch.sendings) this.#count(sending, -1)
    return batch.sendings
  }

  /** The batch was decided or abandoned, so its conversations may enter the next one. */
  release(batch: readonly Sending[]) {
    for (const { envelope } of batch) {
      const lane = this.#lanes.get(envelope.conversationId)
      if (!lane?.isInFlight) continue
      lane.isInFlight = false
      if (lane.waiting.length > 0) this.#open.add(envelope.conversationId)
      else this.#lanes.delete(envelope.conversationId)
    }
  }

  /** Removes the waiting envelopes that match `concerns`, and returns them in order. */
  remove(concerns: (sending: Sending) => boolean): Sending[] {
    const removed: Sending[] = []
    for (const [conversationId, lane] of this.#lanes) {
      if (!lane.waiting.some(concerns)) continue
      const kept: Sending[] = []
      for (const sending of lane.waiting.splice(0)) {
        if (concerns(sending)) removed.push(sending)
        else kept.push(sending)
      }
      lane.waiting.push(...kept)
      if (kept.length === 0) this.#open.delete(conversationId)
      if (kept.length === 0 && !lane.isInFlight) this.#lanes.delete(conversationId)
    }
    for (const sending of removed) this.#count(sending, -1)
    return removed
  }

  #count({ envelope }: Sending, change: 1 | -1) {
    this.#envelopes += change
    this.#chars += change * envelope.ciphertext.length
  }
}

interface Batch {
  readonly sendings: Sending[]
  readonly ids: Set<EnvelopeId>
  chars: number
}

/** Moves as many of the first `waiting` envelopes into the batch as fit. Returns their number. */
function fill(batch: Batch, waiting: readonly Sending[]): number {
  let taken = 0
  for (const sending of waiting) {
    const { id, ciphertext } = sending.envelope
    const isTooLong = batch.sendings.length > 0 && batch.chars + ciphertext.length > MAX_BATCH_CHARS
    // A retry beside its original would put two envelopes with one id into one transaction.
    if (batch.sendings.length >= MAX_BATCH || isTooLong || batch.ids.has(id)) break
    batch.sendings.push(sending)
    batch.ids.add(id)
    batch.chars += ciphertext.length
    taken += 1
  }
  return taken
}
