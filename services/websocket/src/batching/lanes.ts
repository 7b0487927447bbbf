import {
  type Actor,
  type ConversationId,
  type EnvelopeId,
  MAX_BATCH,
  type NewEnvelope,
} from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'

/** Ciphertext of one command. A single envelope always fits. */
const MAX_BATCH_CHARS = 1024 * 1024

/** An envelope on its way to the chat service, and who waits for its verdict. */
export interface Sending {
  readonly connection: Connection
  readonly actor: Actor
  readonly envelope: NewEnvelope
  /** On the monotonic clock. */
  readonly arrivedAt: number
}

interface Lane {
  readonly waiting: Sending[]
  isInFlight: boolean
}

/**
 * The envelopes that wait for a batch, one lane per conversation.
 *
 * Note: order of a conversation. Several batches are in flight at once and several consumers take
 * them, so two batches may be decided in either order. Envelopes of one conversation must not be
 * overtaken by later ones of the same sender. Therefore a conversation is never in two batches in
 * flight: while one of them is undecided its lane is closed, and what arrives waits in it for the
 * next. Inside a batch the order is kept. It costs nothing under load, because what waited goes
 * together, and it keeps two transactions from waiting for the same conversation's row.
 */
export class Lanes {
  readonly #lanes = new Map<ConversationId, Lane>()
  /** Conversations that may go into the next batch, in the order of their turns. */
  readonly #open = new Set<ConversationId>()
  #envelopes = 0
  #chars = 0

  /** Envelopes that wait. */
  get size(): number {
    return this.#envelopes
  }

  /** Characters of ciphertext that wait. */
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

  /** Takes a batch out of the open lanes and closes each lane that it took from. */
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

  /** The batch is decided, or given up: its conversations may go into the next one. */
  release(batch: readonly Sending[]) {
    for (const { envelope } of batch) {
      const lane = this.#lanes.get(envelope.conversationId)
      if (!lane?.isInFlight) continue
      lane.isInFlight = false
      if (lane.waiting.length > 0) this.#open.add(envelope.conversationId)
      else this.#lanes.delete(envelope.conversationId)
    }
  }

  /** Takes out the waiting envelopes that `concerns`, in their order. */
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

/** Puts as many of the first of `waiting` into the batch as it has room for. Returns how many. */
function fill(batch: Batch, waiting: readonly Sending[]): number {
  let taken = 0
  for (const sending of waiting) {
    const { id, ciphertext } = sending.envelope
    const isTooLong = batch.sendings.length > 0 && batch.chars + ciphertext.length > MAX_BATCH_CHARS
    // A retry beside its original would be two envelopes with one id in one transaction.
    if (batch.sendings.length >= MAX_BATCH || isTooLong || batch.ids.has(id)) break
    batch.sendings.push(sending)
    batch.ids.add(id)
    batch.chars += ciphertext.length
    taken += 1
  }
  return taken
}
