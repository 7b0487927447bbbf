import { randomUUID } from 'node:crypto'
import type { PlacedEnvelope } from '../../store/envelopes/envelopes.ts'
import type { Mark } from '../../store/eras/acceptance-marks.ts'

/** Something that was committed on a server and acknowledged. */
export interface Acknowledgement {
  readonly server: string
  /** The envelopes that are in the logs if the transaction is in the database. */
  readonly envelopes?: readonly PlacedEnvelope[]
  /** The mark that the transaction left. */
  readonly mark?: Mark
}

/**
 * Note: how an instance notices that something accepted is missing.
 *
 * A failover or a copy that was put back loses the last transactions in the order of their commits.
 * So it is enough to remember the latest acknowledgements and to look whether they are there. They
 * may come in another order than the commits, but only among transactions that run at the same time,
 * and each of those has its own connection. If an older acknowledgement was lost and all later
 * ones were not, they all committed before it and were acknowledged after it, so all of them ran at
 * its end: there are fewer of them than connections in the pool. Remembering as many is enough.
 *
 * Acknowledgements from the server that the pool is connected to now cannot be missing. After the server
 * has changed, nothing more is acknowledged until everything remembered has been compared, so later
 * acknowledgements never push out older ones that were not compared yet.
 */
export class AcceptanceMemory {
  readonly instanceId: string = randomUUID()
  readonly #size: number
  #latest: Acknowledgement[] = []
  #server: string | undefined
  /** Whether something is remembered that was committed elsewhere. */
  #holdsElsewhere = false
  #freeSlots: number[] = []
  #slots = 0
  #number = 0

  /** `connections`: how many transactions may run at the same time. */
  constructor(connections: number) {
    this.#size = 2 * connections
  }

  /** The server on which everything remembered was last seen; undefined before the first look. */
  get server(): string | undefined {
    return this.#server
  }

  /** Whether nothing remembered can be missing on `server`. */
  isSettledOn(server: string): boolean {
    return server === this.#server && !this.#holdsElsewhere
  }

  /** Remembers what was committed, before it is acknowledged. */
  remember(acknowledgement: Acknowledgement): void {
    // A late answer of the former server may come after the comparison, which is then made again.
    if (acknowledgement.server !== this.#server) this.#holdsElsewhere = true
    if (this.#latest.push(acknowledgement) > this.#size) this.#latest.shift()
  }

  /** Acknowledgements from other servers that have not been compared with `server` yet. */
  elsewhere(server: string): readonly Acknowledgement[] {
    return this.#latest.filter((acknowledgement) => acknowledgement.server !== server)
  }

  /** Notes that `compared` is on `server`, or belongs to a former era. */
  settle(server: string, compared: readonly Acknowledgement[]): void {
    const done = new Set(compared)
    this.#latest = this.#latest.map((one) => (done.has(one) ? { ...one, server } : one))
    this.#server = server
    this.#holdsElsewhere = this.elsewhere(server).length > 0
  }

  /** Forgets what a new era makes up for. */
  forget(past: readonly Acknowledgement[]): void {
    const gone = new Set(past)
    this.#latest = this.#latest.filter((one) => !gone.has(one))
  }

  /** Forgets marks that were removed from the database. */
  forgetMarks(): void {
    this.#latest = this.#latest.filter(({ mark }) => mark === undefined)
  }

  /** A mark for a transaction, in a slot that is reserved until `freeSlot`. */
  nextMark(): Mark {
    this.#number += 1
    const slot = this.#freeSlots.pop() ?? this.#slots++
    return { slot, number: this.#number }
  }

  /** Only after a commit: the row of a transaction that was cut off may still be locked. */
  freeSlot({ slot }: Mark): void {
    this.#freeSlots.push(slot)
  }
}
