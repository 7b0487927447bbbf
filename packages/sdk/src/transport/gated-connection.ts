import type { ClientFrame } from '@sotto/wire'
import { Connection, type ConnectionDependencies, type LinkState } from './connection.ts'
import { EraGate } from './era-gate.ts'

/** After `onConnected`, the server's frames about logs don't pass yet. */
export interface GatedConnectionDependencies extends ConnectionDependencies {
  /** The server's era matches ours: messages may flow in both directions. */
  readonly onOpen: (transmit: (frame: ClientFrame) => void) => void
  /** Messages may no longer flow. */
  readonly onShut: () => void
}

/** A device's connection, which messages pass through once the server's era is known. */
export class GatedConnection {
  readonly #connection: Connection
  readonly #gate: EraGate

  constructor(deps: GatedConnectionDependencies) {
    this.#gate = new EraGate(() => deps.onOpen(this.transmit), deps.onShut)
    this.#connection = new Connection({
      ...deps,
      onConnected: () => {
        this.#gate.connected()
        deps.onConnected()
      },
      onDisconnected: () => {
        this.#gate.disconnected()
        deps.onShut()
        deps.onDisconnected()
      },
      onFrame: (frame) => {
        if (this.#gate.admits(frame)) deps.onFrame(frame)
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

  /** The server is in another era: nothing passes until the consequences are known. */
  wound(): void {
    this.#gate.shut()
  }

  /** The logs here belong to the server's era. Returns whether something was held back that has to be fetched now. */
  admit(): boolean {
    return this.#gate.open()
  }
}
