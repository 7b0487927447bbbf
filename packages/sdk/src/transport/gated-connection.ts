import type { ClientFrame } from '@sotto/wire'
import { Connection, type ConnectionDependencies, type LinkState } from './connection.ts'
import { EraGate } from './era-gate.ts'

/** With `connected`, what the server says about logs does not pass yet. */
export interface GatedConnectionDependencies extends ConnectionDependencies {
  /** The server stands where this device knows it: messages may go both ways. */
  readonly opened: (transmit: (frame: ClientFrame) => void) => void
  /** They may not any more. */
  readonly shut: () => void
}

/** The connection of a device, through which messages pass once the era of the server is known. */
export class GatedConnection {
  readonly #connection: Connection
  readonly #gate: EraGate

  constructor(deps: GatedConnectionDependencies) {
    this.#gate = new EraGate(() => deps.opened(this.transmit), deps.shut)
    this.#connection = new Connection({
      ...deps,
      connected: () => {
        this.#gate.connected()
        deps.connected()
      },
      disconnected: () => {
        this.#gate.disconnected()
        deps.shut()
        deps.disconnected()
      },
      received: (frame) => {
        if (this.#gate.admits(frame)) deps.received(frame)
      },
    })
  }

  get state(): LinkState {
    return this.#connection.state
  }

  get transmit(): (frame: ClientFrame) => void {
    return this.#connection.transmit
  }

  /** See `Connection`. */
  reconnect(): void {
    this.#connection.reconnect()
  }

  /** See `Connection`. */
  replace(): void {
    this.#connection.replace()
  }

  close(): void {
    this.#connection.close()
  }

  /** The server is in another era: nothing passes until it is known what that means. */
  wound(): void {
    this.#gate.shut()
  }

  /** The logs here are of the server's era. Whether something was held back that has to be read now. */
  admit(): boolean {
    return this.#gate.open()
  }
}
