import { randomUUID } from 'node:crypto'
import { type EnvelopeId, isRetryable, type NewEnvelope, type Verdict } from '@sotto/wire'
import type { Ledger, Line } from '../checker/ledger.ts'

const MAX_IN_FLIGHT = 16
const FIRST_HOLD_MS = 500
const LONGEST_HOLD_MS = 8_000
/** About the length of a short message's envelope. */
const MESSAGE_CHARS = 220

/**
 * One line's outbox, with the rules of the real client: messages go in order, with several in flight; on a new
 * connection everything undecided is sent again; and after a temporary refusal, sending restarts from the first one.
 */
export class SendInOrder {
  readonly line: Line
  readonly #ledger: Ledger
  /** The counter of the first message that is not accepted. */
  #next = 0
  readonly #inFlight = new Set<number>()
  readonly #texts: string[] = []
  readonly #counters = new Map<EnvelopeId, number>()
  #holds = 0
  #heldUntil = 0

  readonly #filling: string

  constructor(ledger: Ledger, line: Line, messageChars = MESSAGE_CHARS) {
    this.#filling = 'x'.repeat(messageChars)
    this.#ledger = ledger
    this.line = line
  }

  get isEmpty(): boolean {
    return this.#next === this.#texts.length
  }

  /** The time until which a refusal holds it back, on the monotonic clock. */
  get heldUntil(): number {
    return this.#heldUntil
  }

  /** A person has written another message. */
  write(): void {
    const id = randomUUID() as EnvelopeId
    this.#counters.set(id, this.#texts.length)
    this.#texts.push(this.#ledger.send(this.line, id))
  }

  /** The connection is new: the fate of the messages in flight is unknown. */
  reconnected(): void {
    this.#inFlight.clear()
    this.#heldUntil = 0
    this.#holds = 0
  }

  /** The messages that may be sent now. */
  take(): NewEnvelope[] {
    if (performance.now() < this.#heldUntil || this.#isBehindUndecided) return []
    const envelopes: NewEnvelope[] = []
    for (let n = this.#next; n < this.#texts.length; n++) {
      if (this.#inFlight.size >= MAX_IN_FLIGHT) break
      const id = this.line.ids[n]
      if (id === undefined || this.#inFlight.has(n) || this.line.accepted.has(n)) continue
      this.#inFlight.add(n)
      const { conversationId } = this.line
      const ciphertext = `${this.#texts[n]} ${this.#filling}`
      envelopes.push({ id, conversationId, kind: 'message', ciphertext })
    }
    return envelopes
  }

  /** Whether a message was refused for now while a later one is still undecided. */
  get #isBehindUndecided(): boolean {
    const isRefused = (n: number) => !this.#inFlight.has(n) && !this.line.accepted.has(n)
    for (let n = this.#next; n < Math.max(...this.#inFlight); n++) if (isRefused(n)) return true
    return false
  }

  /** Processes a verdict. Returns false if it's about another line. */
  decide(verdict: Verdict): boolean {
    const counter = this.#counters.get(verdict.id)
    if (counter === undefined) return false
    this.#inFlight.delete(counter)
    if (verdict.fate === 'accepted') {
      this.#ledger.accept(this.line, counter, verdict.seq)
      this.#holds = 0
      while (this.line.accepted.has(this.#next)) this.#next += 1
    } else if (isPassing(verdict.code)) {
      this.#ledger.holdBack(verdict.code)
      this.#holdBack()
    } else this.#ledger.refusals.push(`${this.line.name}#${counter}: ${verdict.code}`)
    return true
  }

  #holdBack(): void {
    const now = performance.now()
    if (now < this.#heldUntil) return
    this.#heldUntil = now + Math.min(FIRST_HOLD_MS * 2 ** this.#holds, LONGEST_HOLD_MS)
    this.#holds += 1
  }
}

function isPassing(code: string): boolean {
  return isRetryable(code)
}
