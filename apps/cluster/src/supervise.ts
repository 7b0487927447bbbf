import { setTimeout as sleep } from 'node:timers/promises'
import type { Part, PartName, Run } from './parts/part.ts'

export type State = 'stopped' | 'starting' | 'running'

/** The state of a part. */
export interface PartStatus {
  readonly name: PartName
  readonly port: number
  readonly state: State
  readonly isReady: boolean
  readonly pid: number | null
  /** How often it was restarted after an unexpected exit. */
  readonly restarts: number
  readonly uptimeSeconds: number
}

const longestPauseMs = 5_000
/** After this time, the operator is told that a start is still in progress. */
const longStartMs = 30_000
/** An exit after this time counts as a new failure, not as a repetition of the previous one. */
const steadyAfterMs = 10_000

/**
 * How long to wait before the start after the nth consecutive failure; the first restart is
 * immediate.
 */
export function pauseBefore(failures: number): number {
  return failures <= 1 ? 0 : Math.min(100 * 2 ** (failures - 2), longestPauseMs)
}

/** A part that is restarted whenever it exits unexpectedly. */
export class Supervised {
  readonly part: Part
  readonly #print: (line: string) => void
  #run: Run | undefined
  #state: State = 'stopped'
  #startedAt = 0
  #restarts = 0
  #stopping = new AbortController()
  #keeping: Promise<void> = Promise.resolve()

  /** `print` shows a line to the operator. */
  constructor(part: Part, print: (line: string) => void) {
    this.part = part
    this.#print = print
  }

  /** Starts it and resolves when it is ready. If that fails, rejects and leaves it stopped. */
  async start(): Promise<void> {
    if (this.#state !== 'stopped') return
    this.#stopping = new AbortController()
    const { signal } = this.#stopping
    try {
      await this.#startOnce(signal)
    } catch (error) {
      this.#state = 'stopped'
      throw error
    }
    this.#keeping = this.#keep(signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#run?.stop()
    await this.#keeping
    this.#run = undefined
    this.#state = 'stopped'
  }

  async status(): Promise<PartStatus> {
    const run = this.#run
    return {
      name: this.part.name,
      port: this.part.port,
      state: this.#state,
      isReady: this.#state === 'running' && (await this.part.isReady()),
      pid: run?.pid ?? null,
      restarts: this.#restarts,
      uptimeSeconds: run ? Math.floor((performance.now() - this.#startedAt) / 1000) : 0,
    }
  }

  async #startOnce(signal: AbortSignal): Promise<void> {
    this.#state = 'starting'
    const { name } = this.part
    const long = setInterval(() => this.#print(`${name} is still starting`), longStartMs)
    this.#run = await this.part.start(signal).finally(() => clearInterval(long))
    // It was stopped while starting, when it could not be signaled yet.
    if (signal.aborted) await this.#run.stop()
    this.#startedAt = performance.now()
    this.#state = 'running'
  }

  /** Waits for the end of each run and starts the next one. */
  async #keep(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (true) {
      await this.#run?.ended.catch(() => undefined)
      if (signal.aborted) return
      const livedMs = this.#run ? performance.now() - this.#startedAt : 0
      failures = livedMs > steadyAfterMs ? 1 : failures + 1
      this.#run = undefined
      this.#state = 'starting'
      this.#print(`${this.part.name} has exited and is being restarted`)
      await sleep(pauseBefore(failures), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      this.#restarts += 1
      await this.#startOnce(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#print(textOf(error))
      })
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
