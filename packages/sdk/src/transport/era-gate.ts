import type { ServerFrame } from '@sotto/wire'

const ABOUT_LOGS: ReadonlySet<ServerFrame['type']> = new Set([
  'envelopes',
  'conversation_created',
  'conversation_changed',
  'receipts',
])

/**
 * Stands between a fresh connection and the logs until this device knows in which era the server is.
 * A server that was wound back gives numbers a second time: what it pushes then does not belong behind
 * what is here, and what is sent first would overtake what it has lost.
 */
export class EraGate {
  readonly #isThrough: () => void
  readonly #isShut: () => void
  #state: 'no connection' | 'shut' | 'open' = 'no connection'
  #hasRefused = false

  /** `opened` when messages may go both ways, `shut` when they may not any more. */
  constructor(opened: () => void, shut: () => void) {
    this.#isThrough = opened
    this.#isShut = shut
  }

  connected(): void {
    this.#state = 'shut'
    this.#hasRefused = false
  }

  disconnected(): void {
    this.#state = 'no connection'
  }

  /** The era is another one: nothing passes until it is known what that means. */
  shut(): void {
    if (this.#state !== 'open') return
    this.connected()
    this.#isShut()
  }

  /** The logs here are of the server's era. Whether something was refused that has to be read now. */
  open(): boolean {
    if (this.#state !== 'shut') return false
    this.#state = 'open'
    this.#isThrough()
    return this.#hasRefused
  }

  /** Whether a frame may be taken. One that may not is a hint: what it tells of is read later. */
  admits({ type }: ServerFrame): boolean {
    if (this.#state === 'open' || !ABOUT_LOGS.has(type)) return true
    this.#hasRefused = true
    return false
  }
}
