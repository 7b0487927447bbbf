import { randomBytes } from 'node:crypto'
import type { ConversationId, EnvelopeId, StoredEnvelope, Verdict } from '@sotto/wire'

/** Delivery faults, counted in envelopes. All are 0 if Sotto keeps its promise. */
export interface Faults {
  /** Accepted, but not received by some recipient. */
  lost: number
  /** Received by some recipient at two positions. */
  twice: number
  /** Received by some recipient before an envelope that its sender had sent earlier. */
  disorder: number
}

// The random part differs between runs, the next one between lines.
const run = randomBytes(4).toString('hex')
let lines = 0

/**
 * Records what one device sends in one conversation, and what each recipient has received. Each
 * envelope's id contains its number, so that no lookup is needed.
 */
export class Line {
  readonly conversationId: ConversationId
  readonly readers: Reader[] = []
  sent = 0
  accepted = 0
  readonly #prefix: string
  /** When each envelope was sent, by the monotonic clock. */
  readonly #sentAt: number[] = []
  readonly #isAccepted: boolean[] = []

  constructor(conversationId: ConversationId) {
    this.conversationId = conversationId
    lines += 1
    this.#prefix = `${run}-${lines.toString(16).padStart(4, '0')}-4000-8000-`
  }

  /** Adds a recipient, whose log ends at `lastSeq` before the first envelope of this line. */
  addReader(lastSeq = 0): Reader {
    const reader = new Reader(this.#prefix, lastSeq)
    this.readers.push(reader)
    return reader
  }

  /** The id of the next envelope, which is being sent. */
  next(): EnvelopeId {
    const number = this.sent
    this.#sentAt[number] = performance.now()
    this.#isAccepted[number] = false
    this.sent += 1
    return `${this.#prefix}${number.toString(16).padStart(12, '0')}` as EnvelopeId
  }

  /** Records a verdict for one of this line's envelopes. Throws if it is a refusal. */
  decided(verdict: Verdict): void {
    if (verdict.fate === 'refused') throw new Error(`an envelope was refused: ${verdict.code}`)
    const number = numberOf(verdict.id)
    // The verdict of a retry would come twice.
    if (!this.#isAccepted[number]) this.accepted += 1
    this.#isAccepted[number] = true
  }

  /** Milliseconds since an envelope of this line was sent. */
  ageOf(number: number, now: number): number {
    return now - (this.#sentAt[number] ?? now)
  }

  faults(): Faults {
    const faults = { lost: 0, twice: 0, disorder: 0 }
    for (const reader of this.readers) {
      faults.lost += this.#isAccepted.filter((is, number) => is && !reader.has(number)).length
      faults.twice += reader.twice
      faults.disorder += reader.disorder
    }
    return faults
  }
}

/**
 * One recipient of a line. It applies pushes by seq, as a device must, whatever order they arrive
 * in.
 */
export class Reader {
  /** Envelopes of the line that it has received. */
  received = 0
  twice = 0
  disorder = 0
  readonly #prefix: string
  #lastSeq: number
  #newest = -1
  readonly #early = new Map<number, StoredEnvelope>()
  readonly #has: boolean[] = []

  constructor(prefix: string, lastSeq: number) {
    this.#prefix = prefix
    this.#lastSeq = lastSeq
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  has(number: number): boolean {
    return this.#has[number] ?? false
  }

  /**
   * Applies an envelope. `shown` gets the numbers of those envelopes of the line that became
   * readable.
   */
  apply(envelope: StoredEnvelope, shown: (number: number) => void): void {
    // The same position again is a repeated push, which a device ignores.
    if (envelope.seq <= this.#lastSeq) return
    if (envelope.seq > this.#lastSeq + 1) return void this.#early.set(envelope.seq, envelope)
    this.#show(envelope, shown)
    for (;;) {
      const next = this.#early.get(this.#lastSeq + 1)
      if (!next) return
      this.#early.delete(next.seq)
      this.#show(next, shown)
    }
  }

  #show({ id, seq }: StoredEnvelope, shown: (number: number) => void) {
    this.#lastSeq = seq
    if (!id.startsWith(this.#prefix)) return
    const number = numberOf(id)
    if (this.#has[number]) this.twice += 1
    else if (number < this.#newest) this.disorder += 1
    this.#newest = Math.max(this.#newest, number)
    if (this.#has[number]) return
    this.#has[number] = true
    this.received += 1
    shown(number)
  }
}

/** The total faults of many lines. */
export function faultsOf(all: readonly Line[]): Faults {
  const sum = { lost: 0, twice: 0, disorder: 0 }
  for (const faults of all.map((line) => line.faults())) {
    sum.lost += faults.lost
    sum.twice += faults.twice
    sum.disorder += faults.disorder
  }
  return sum
}

const numberOf = (id: string): number => Number.parseInt(id.slice(24), 16)
