import { Timers } from '../scheduling/timers.ts'

const PONG_WITHIN_MS = 8_000

/** Notices that the server has fallen silent: a dead connection may otherwise look open for minutes. */
export class Heartbeat {
  readonly #ping: () => void
  readonly #onSilence: () => void
  readonly #timers = new Timers()
  #heardAt = 0

  constructor(ping: () => void, onSilence: () => void) {
    this.#ping = ping
    this.#onSilence = onSilence
  }

  /** The server has sent something. */
  heard(): void {
    this.#heardAt = performance.now()
  }

  /** Asks at this interval whether the server is there. */
  start(everyMs: number): void {
    const pongWithinMs = Math.min(PONG_WITHIN_MS, everyMs / 2)
    this.#timers.after(everyMs - pongWithinMs, () =>
      this.#ask(pongWithinMs, () => this.start(everyMs)),
    )
  }

  /** Asks now. */
  ask(): void {
    this.#ask(PONG_WITHIN_MS, () => {})
  }

  stop(): void {
    this.#timers.clear()
  }

  #ask(withinMs: number, onAnswer: () => void): void {
    const askedAt = performance.now()
    this.#ping()
    this.#timers.after(withinMs, () => {
      if (this.#heardAt < askedAt) this.#onSilence()
      else onAnswer()
    })
  }
}
