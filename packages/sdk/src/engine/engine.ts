import { catchUp } from '../receiving/catch-up.ts'
import type { EngineCommands } from './engine-command-names.ts'
import { engineCommands } from './engine-commands.ts'
import type { EngineOptions } from './engine-options.ts'
import { showViews } from './engine-views.ts'
import { type Wired, wireParts } from './wire-parts.ts'

/**
 * An unlocked device: everything about contacts, conversations and messages.
 *
 * `wire-parts.ts` names the parts and connects them. Nothing else knows all of them: each part gets only what it
 * declares as its dependencies. `changes.ts` defines the consequences of a change, and `server-link.ts` the work while
 * the device is connected.
 *
 * - What is stored is shown before the network is used, and everything works without it, except commands that ask
 *   the server.
 * - A push is a hint: if it can't be processed, everything that may be missing is read from the logs.
 * - Work in the background is retried until it succeeds; an error that retrying can't fix goes to `onError`.
 */
export class Engine {
  readonly commands: EngineCommands
  readonly #wired: Wired

  /** Reads what is stored and shows it; the network comes after that. */
  static async open(options: EngineOptions): Promise<Engine> {
    const wired = await wireParts(options)
    showViews(wired)
    wired.parts.lookAlikes.start()
    wired.link.start()
    return new Engine(wired)
  }

  private constructor(wired: Wired) {
    this.#wired = wired
    this.commands = engineCommands(wired)
  }

  /** Tries to connect now instead of waiting for the next attempt; if connected, asks for what was missed. */
  reconnect(): void {
    this.#wired.link.reconnect()
  }

  /** Our account has more keys, so envelopes that didn't open may open now. */
  keysAdded(): void {
    this.#wired.changes.retryAll()
  }

  /** Reads all logs to their end. Throws if it can't. */
  readToEnd(): Promise<void> {
    return catchUp(this.#wired.parts)
  }

  close(): void {
    this.#wired.link.close()
    const { fresh, deliver, receipts, typing } = this.#wired.parts
    fresh.clear()
    deliver.disconnected()
    receipts.disconnected()
    typing.close()
  }
}
