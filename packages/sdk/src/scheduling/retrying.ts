import { codeOf, mayPass } from '../api/errors.ts'
import { Timers } from './timers.ts'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
const LOOKS = 3

/**
 * Does something as soon as it is possible, and again until it succeeds or cannot. An answer that cannot
 * be right is asked for again after a minute.
 */
export class Retrying {
  readonly #work: () => Promise<void>
  readonly #failed: (error: unknown) => void
  readonly #timers = new Timers()
  #attempt = 0
  #isRunning = false
  #isAskedAgain = false
  #isStopped = false

  /** `failed` gets what will not pass by itself. */
  constructor(work: () => Promise<void>, failed: (error: unknown) => void) {
    this.#work = work
    this.#failed = failed
  }

  /** Starts now; while it runs, once more after that. */
  start(): void {
    this.#timers.clear()
    this.#isStopped = false
    if (this.#isRunning) this.#isAskedAgain = true
    else void this.#run()
  }

  /** Until `start` is called again nothing is begun; what runs comes to its end. */
  stop(): void {
    this.#isStopped = true
    this.#timers.clear()
    this.#isAskedAgain = false
    this.#attempt = 0
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    try {
      await this.#work()
      this.#attempt = 0
    } catch (error) {
      if (!mayPass(error)) this.#failed(error)
      if (!this.#isStopped) this.#afterFailure(error)
    }
    this.#isRunning = false
    if (!this.#isAskedAgain) return
    this.#isAskedAgain = false
    this.start()
  }

  #afterFailure(error: unknown): void {
    if (codeOf(error) === 'untrusted_answer') {
      // The server may come to its senses; until then it is not asked often.
      this.#timers.after(LONGEST_WAIT_MS, () => this.start())
    } else if (mayPass(error)) {
      const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#attempt, LONGEST_WAIT_MS)
      this.#attempt += 1
      this.#timers.after(wait, () => this.start())
    }
  }
}

/**
 * Does something that begins with a look at what the server has, and again from that look when another
 * own device was faster (`stale_version`), or the answer to the last attempt got lost. `work` is told
 * whether it is such a repetition.
 */
export async function againIfStale(work: (isAgain: boolean) => Promise<void>): Promise<void> {
  for (let look = 1; ; look++) {
    try {
      return await work(look > 1)
    } catch (error) {
      if (codeOf(error) !== 'stale_version' || look === LOOKS) throw error
    }
  }
}
