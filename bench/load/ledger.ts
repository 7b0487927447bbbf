import { randomBytes } from 'node:crypto'
import type { ConversationId, EnvelopeId, StoredEnvelope, Verdict } from '@sotto/wire'

/** What went wrong, counted in envelopes. All are 0 where Sotto keeps its promise. */
export interface Faults {
  /** Accepted, and not received by some recipient. */
  lost: number
  /** Received by some recipient under two positions. */
  twice: number
  /** Received by some recipient before one that its sender had sent earlier. */
  disorder: number
}

// The random part differs from run to run, the next one from line to line.
const run = randomBytes(4).toString('hex')
let lines = 0

/**
 * What one device sends in one conversation, and what each recipient has of it. The n-th envelope
 * says its number in its id, so that nothing has to be looked up.
 */
export class Line {
  readonly conversationId: ConversationId
  readonly readers: Reader[] = []
  sent = 0
  accepted = 0
  readonly #prefix: string
  /** When each envelope was sent, on the monotonic clock. */
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

  /** The id of the next envelope, which is sent now. */
  next(): EnvelopeId {
    const number = this.sent
    this.#sentAt[number] = performance.now()
    this.#isAccepted[number] = false
    this.sent += 1
    return `${this.#prefix}${number.toString(16).padStart(12, '0')}` as EnvelopeId
  }

  /** Notes a verdict of one of this line's envelopes. Throws when it is a refusal. */
  decided(verdict: Verdict): void {
    if (verdict.fate === 'refused') throw new Error(`an envelope was refused: ${verdict.code}`)
    const number = numberOf(verdict.id)
    // A retry's verdict would come twice.
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

/** One recipient of a line: takes pushes by seq, as a device must, whatever order they come in. */
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

  /** Takes an envelope; `shown` gets the numbers of those of the line that became readable by it. */
  take(envelope: StoredEnvelope, shown: (number: number) => void): void {
    // The same position again is the same push again, which a device ignores.
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

/** The faults of many lines together. */
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
