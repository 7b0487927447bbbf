import { setTimeout as sleep } from 'node:timers/promises'
import { DomainError, type EventOutbox, type Logger, type Sql } from '@sotto/service-runtime'
import * as eras from '../../store/eras/eras.ts'
import * as instances from '../../store/eras/instances.ts'
import { AcceptanceMemory } from './acceptance-memory.ts'
import { decideEra } from './decide-era.ts'

/** Intervals that tests can shorten. */
export interface EraOptions {
  /** How often to check whether the database is still on the same server. */
  readonly lookEveryMs?: number
  /** How long to wait for the other instances that ran before a failover. */
  readonly graceMs?: number
  /** How often to record in the database that this instance is running. */
  readonly touchEveryMs?: number
}

const DEFAULTS = { lookEveryMs: 2_000, graceMs: 10_000, touchEveryMs: 20_000 }
const LOOK_AGAIN_MS = 250
// Longer than the minute after which an instance counts as silent.
const TOUCHES_BEFORE_REMOVING = 4
const SIGN_OFF_WITHIN_MS = 2_000
const MAX_TRIES = 3

interface Dependencies {
  readonly sql: Sql
  readonly outbox: EventOutbox
  readonly log: Logger
}

/** Thrown by `check`. To a caller that does not retry, it looks like an unreachable database. */
class UnknownServerError extends DomainError {
  constructor() {
    super('unavailable')
  }
}

/**
 * Compares the database with what this instance acknowledged, at the start and whenever another
 * PostgreSQL server answers than before; see the note in `acceptance-memory.ts`. Transactions
 * notice another server; without any, a check every two seconds does. Until the era is decided,
 * nothing is acknowledged.
 */
export class EraGuard {
  /** Transactions record here what they acknowledge. */
  readonly memory: AcceptanceMemory
  readonly #deps: Dependencies
  readonly #options: Required<EraOptions>
  #deciding: Promise<void> | undefined
  #looking: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #touchAt = 0
  /** How many times in a row the database was told that this instance is running. */
  #touches = 0

  constructor(deps: Dependencies, options: EraOptions = {}) {
    this.#deps = deps
    this.#options = { ...DEFAULTS, ...options }
    this.memory = new AcceptanceMemory(deps.sql.options.max)
  }

  /** Decides the era and starts the periodic check. */
  async start(): Promise<void> {
    await this.#decide()
    this.#timer = setInterval(() => this.#lookSoon(), this.#options.lookEveryMs)
    this.#timer.unref()
  }

  /** Call it only when nothing is acknowledged any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.race([this.#signOff(), sleep(SIGN_OFF_WITHIN_MS, undefined, { ref: false })])
  }

  /**
   * Runs `act`. If a `check` in it meets a server that was not compared yet, decides the era first
   * and runs `act` again.
   */
  async onKnownServer<T>(act: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await act()
      } catch (error) {
        if (!(error instanceof UnknownServerError) || tries === MAX_TRIES) throw error
      }
      await this.#decide()
    }
  }

  /** Throws if `server` was not compared. Call it in a transaction before its commit. */
  check(server: string): void {
    if (!this.memory.isSettledOn(server)) throw new UnknownServerError()
  }

  #decide(): Promise<void> {
    this.#touches = 0
    this.#deciding ??= this.#decideInTime().finally(() => {
      this.#deciding = undefined
    })
    return this.#deciding
  }

  async #decideInTime() {
    const { memory } = this
    const { log } = this.#deps
    const until = performance.now() + this.#options.graceMs
    for (;;) {
      const ruling = await decideEra({ ...this.#deps, memory }, performance.now() >= until)
      if (ruling === 'continue') log.info('the era continues on another PostgreSQL server')
      else if (ruling !== 'same' && ruling !== 'wait')
        log.warn({ reason: ruling }, 'a new era began')
      if (ruling !== 'wait') return
      await sleep(LOOK_AGAIN_MS)
    }
  }

  #lookSoon() {
    this.#looking ??= this.#look()
      .catch((error: unknown) => {
        this.#touches = 0
        this.#deps.log.warn({ err: error }, 'could not check whether the database was replaced')
      })
      .finally(() => {
        this.#looking = undefined
      })
  }

  async #look() {
    const { sql } = this.#deps
    if (!this.memory.isSettledOn(await eras.findServer(sql))) return this.#decide()
    if (performance.now() < this.#touchAt) return
    this.#touchAt = performance.now() + this.#options.touchEveryMs
    await this.#touch()
  }

  async #touch() {
    const { sql } = this.#deps
    const { instanceId } = this.memory
    if (!(await instances.touch(sql, instanceId))) {
      // This instance was silent for so long that it was removed together with its marks.
      this.memory.forgetMarks()
      return this.#decide()
    }
    // After the database was down, the others also need time to return.
    this.#touches += 1
    if (this.#touches > TOUCHES_BEFORE_REMOVING) await instances.removeSilent(sql, instanceId)
  }

  async #signOff() {
    await this.#looking
    const { instanceId, server } = this.memory
    if (server === undefined) return
    await instances
      .remove(this.#deps.sql, instanceId, server)
      .catch((error: unknown) => this.#deps.log.debug({ err: error }, 'could not deregister'))
  }
}
