import type { ServerFrame } from '@sotto/wire'
import { ERA_GATE, type EraGateEvent, type EraGateState } from './era-gate-states.ts'

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
  #state: EraGateState = ERA_GATE.initial

  /** `opened` when messages may go both ways, `shut` when they may not any more. */
  constructor(opened: () => void, shut: () => void) {
    this.#isThrough = opened
    this.#isShut = shut
  }

  get state(): EraGateState {
    return this.#state
  }

  connected(): void {
    this.#move('connected')
  }

  disconnected(): void {
    this.#move('disconnected')
  }

  /** The era is another one: nothing passes until it is known what that means. */
  shut(): void {
    if (this.#move('wound')) this.#isShut()
  }

  /** The logs here are of the server's era. Whether something was refused that has to be read now. */
  open(): boolean {
    const isOwing = this.#state === 'shut_and_owing'
    if (this.#move('in_line')) this.#isThrough()
    return isOwing
  }

  /** Whether a frame may be taken. One that may not is a hint: what it tells of is read later. */
  admits({ type }: ServerFrame): boolean {
    if (!ABOUT_LOGS.has(type)) return true
    this.#move('frame_about_logs')
    return this.#state === 'open'
  }

  /** Whether the event means anything now. */
  #move(event: EraGateEvent): boolean {
    const next = ERA_GATE.next(this.#state, event)
    this.#state = next ?? this.#state
    return next !== null
  }
}
