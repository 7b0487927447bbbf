import { IS_ABOUT_LOGS, type ServerFrame } from '@sotto/wire'
import { ERA_GATE, type EraGateEvent, type EraGateState } from './era-gate-states.ts'

/**
 * Keeps a fresh connection away from the logs until this device knows the server's era. A server that was wound back
 * assigns numbers a second time: its frames must not be appended to the log here, and anything sent first would
 * overtake what the server has lost.
 */
export class EraGate {
  readonly #onOpen: () => void
  readonly #onShut: () => void
  #state: EraGateState = ERA_GATE.initial

  /** `onOpen` is called when messages may flow in both directions, `onShut` when they no longer may. */
  constructor(onOpen: () => void, onShut: () => void) {
    this.#onOpen = onOpen
    this.#onShut = onShut
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

  /** The era has changed: nothing passes until the consequences are known. */
  shut(): void {
    if (this.#move('wound')) this.#onShut()
  }

  /** The logs here belong to the server's era. Returns whether a dropped frame's content must be fetched now. */
  open(): boolean {
    const isOwing = this.#state === 'shut_and_owing'
    if (this.#move('in_line')) this.#onOpen()
    return isOwing
  }

  /** Whether a frame may be processed. One that may not is only a hint: its content is fetched later. */
  admits({ type }: ServerFrame): boolean {
    if (!IS_ABOUT_LOGS[type]) return true
    this.#move('frame_about_logs')
    return this.#state === 'open'
  }

  /** Returns whether the event has any effect now. */
  #move(event: EraGateEvent): boolean {
    const next = ERA_GATE.next(this.#state, event)
    this.#state = next ?? this.#state
    return next !== null
  }
}
