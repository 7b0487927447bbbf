import { randomUUID } from 'node:crypto'
import type { PlacedEnvelope } from '../../store/envelopes/envelopes.ts'
import type { Mark } from '../../store/eras/acceptance-marks.ts'

/** A transaction that was committed on a server and acknowledged. */
export interface Acknowledgement {
  readonly server: string
  /** The envelopes that are in the logs if the database contains the transaction. */
  readonly envelopes?: readonly PlacedEnvelope[]
  /** The mark that the transaction wrote. */
  readonly mark?: Mark
}

/**
 * Note: how an instance notices that an accepted transaction is missing.
 *
 * A failover or a restored copy loses the last transactions in commit order. So it is enough to
 * remember the latest acknowledgements and to check whether they are present. Acknowledgements may
 * be ordered differently than commits, but only among concurrent transactions, each of which has
 * its own connection. If an older acknowledgement was lost and all later ones were not, then all of
 * those committed before it and were acknowledged after it, so they all were running when it ended:
 * there are fewer of them than connections in the pool. Remembering that many is enough.
 *
 * Acknowledgements from the server that the pool is currently connected to cannot be missing. After
 * the server has changed, nothing is acknowledged until everything remembered has been compared, so
 * later acknowledgements never displace older ones that have not been compared yet.
 */
export class AcceptanceMemory {
  readonly instanceId: string = randomUUID()
  readonly #size: number
  #latest: Acknowledgement[] = []
  #server: string | undefined
  /** Whether anything remembered was committed elsewhere. */
  #holdsElsewhere = false
  #freeSlots: number[] = []
  #slots = 0
  #number = 0

  /** `connections`: how many transactions may run concurrently. */
  constructor(connections: number) {
    this.#size = 2 * connections
  }

  /** The server on which everything remembered was last seen; undefined before the first check. */
  get server(): string | undefined {
    return this.#server
  }

  /** Whether nothing remembered can be missing on `server`. */
  isSettledOn(server: string): boolean {
    return server === this.#server && !this.#holdsElsewhere
  }

  /** Remembers a committed transaction before it is acknowledged. */
  remember(acknowledgement: Acknowledgement): void {
    // A late answer from the former server may arrive after the comparison, which must then be
    // repeated.
    if (acknowledgement.server !== this.#server) this.#holdsElsewhere = true
    if (this.#latest.push(acknowledgement) > this.#size) this.#latest.shift()
  }

  /** Acknowledgements from other servers that have not been compared with `server` yet. */
  elsewhere(server: string): readonly Acknowledgement[] {
    return this.#latest.filter((acknowledgement) => acknowledgement.server !== server)
  }

  /** Records that `compared` is present on `server`, or belongs to a former era. */
  settle(server: string, compared: readonly Acknowledgement[]): void {
    const done = new Set(compared)
    this.#latest = this.#latest.map((one) => (done.has(one) ? { ...one, server } : one))
    this.#server = server
    this.#holdsElsewhere = this.elsewhere(server).length > 0
  }

  /** Forgets acknowledgements that a new era covers. */
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

  /** Call it only after a commit: the row of an interrupted transaction may still be locked. */
  freeSlot({ slot }: Mark): void {
    this.#freeSlots.push(slot)
  }
}
