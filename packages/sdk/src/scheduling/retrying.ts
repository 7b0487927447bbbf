import { codeOf, mayPass } from '../api/errors.ts'
import { Timers } from './timers.ts'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
const LOOKS = 3

/**
 * Runs a job as soon as possible, and retries until it succeeds or can't. After an impossible answer it waits a minute
 * before it asks again.
 */
export class Retrying {
  readonly #work: () => Promise<void>
  readonly #onError: (error: unknown) => void
  readonly #timers = new Timers()
  #attempt = 0
  #isRunning = false
  #isAskedAgain = false
  #isStopped = false

  /** `onError` receives errors that retrying can't fix. */
  constructor(work: () => Promise<void>, onError: (error: unknown) => void) {
    this.#work = work
    this.#onError = onError
  }

  /** Starts now. If it is already running, it runs once more afterwards. */
  start(): void {
    this.#timers.clear()
    this.#isStopped = false
    if (this.#isRunning) this.#isAskedAgain = true
    else void this.#run()
  }

  /** Prevents new runs until `start` is called again; a current run finishes. */
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
      if (!mayPass(error)) this.#onError(error)
      if (!this.#isStopped) this.#afterFailure(error)
    }
    this.#isRunning = false
    if (!this.#isAskedAgain) return
    this.#isAskedAgain = false
    this.start()
  }

  #afterFailure(error: unknown): void {
    if (codeOf(error) === 'untrusted_answer') {
      // The server may recover; until then it's asked rarely.
      this.#timers.after(LONGEST_WAIT_MS, () => this.start())
    } else if (mayPass(error)) {
      const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#attempt, LONGEST_WAIT_MS)
      this.#attempt += 1
      this.#timers.after(wait, () => this.start())
    }
  }
}

/**
 * Runs work that begins by checking the server, and repeats it from that check if another of our devices was faster
 * (`stale_version`) or the last answer got lost. `work` is told whether it is a repetition.
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
