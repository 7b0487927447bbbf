import { ClientError } from '../api/errors.ts'
import { Retrying } from '../scheduling/retrying.ts'
import { singleFlight } from '../scheduling/serial.ts'
import type { Engine } from './engine.ts'
import { ENGINE_COMMANDS, type EngineCommands } from './engine-command-names.ts'
import type { EngineOptions } from './engine-options.ts'

export interface EngineLoaderOptions {
  /** Whether the device is unlocked. */
  readonly isReady: () => boolean
  /** The options for `Engine` on an unlocked device. */
  readonly engineOptions: () => EngineOptions
  /** `Engine` was opened or closed. */
  readonly onChange: () => void
  readonly onError: (error: unknown) => void
}

/**
 * Opens `Engine` on an unlocked device and closes it again. Its code is loaded once there is an account, so that a new
 * visitor's first page doesn't need it.
 */
export class EngineLoader {
  /** Commands wait until it is open, and throw `unauthenticated` on a locked device. */
  readonly commands: EngineCommands
  readonly #options: EngineLoaderOptions
  readonly #open: () => Promise<Engine | undefined>
  readonly #opening: Retrying
  #engine: Engine | undefined
  /** The current opening. One that began before the last `stop` doesn't count. */
  #turn = 0
  #reading: Promise<unknown> = Promise.resolve()

  constructor(options: EngineLoaderOptions) {
    this.#options = options
    this.#open = singleFlight(() => this.#openOnce())
    this.#opening = new Retrying(async () => {
      await this.#open()
    }, options.onError)
    this.commands = commandsOf(async (name, args) => {
      const engine = await this.#opened()
      const command = engine.commands[name] as (...args: readonly unknown[]) => Promise<unknown>
      return command(...args)
    })
  }

  /** The open `Engine`, if any. */
  get engine(): Engine | undefined {
    return this.#engine
  }

  /** Loads the code ahead of time. If that fails, unlocking loads it again. */
  prepare(): void {
    loadEngine().catch(() => {})
  }

  /** Reads all logs to their end. Throws if it can't. */
  async readToEnd(): Promise<void> {
    const engine = await this.#opened()
    await engine.readToEnd()
  }

  async #opened(): Promise<Engine> {
    const engine = this.#engine ?? (await this.#open())
    if (!engine) throw new ClientError('unauthenticated')
    return engine
  }

  /** Opens it, with retries. Resolves once it is open or the first attempt has failed. */
  async start(): Promise<void> {
    if (this.#engine) return
    this.#opening.start()
    // `#opening` reports the failure, and retries.
    await this.#open().catch(() => {})
  }

  /** Closes it, or abandons an attempt to open it. */
  stop(): void {
    this.#turn += 1
    this.#opening.stop()
    const engine = this.#engine
    if (!engine) return
    this.#engine = undefined
    engine.close()
    this.#options.onChange()
  }

  /** Like `stop`, but resolves only once nothing reads from the storage any more. */
  async close(): Promise<void> {
    this.stop()
    await this.#reading
  }

  /** Undefined if the device is locked by then. */
  async #openOnce(): Promise<Engine | undefined> {
    // It may have opened in the meantime, and two instances would share one storage.
    if (this.#engine) return this.#engine
    const turn = this.#turn
    const isWanted = () => turn === this.#turn && this.#options.isReady()
    if (!isWanted()) return undefined
    const { Engine } = await loadEngine()
    if (!isWanted()) return undefined
    const opened = Engine.open(this.#options.engineOptions())
    this.#reading = opened.catch(() => {})
    const engine = await opened
    if (!isWanted()) {
      engine.close()
      this.#options.onChange()
      return undefined
    }
    this.#engine = engine
    this.#options.onChange()
    return engine
  }
}

/** Loads the code of an unlocked device. */
async function loadEngine() {
  try {
    return await import('./engine.ts')
  } catch (cause) {
    throw new ClientError('unavailable', undefined, { cause })
  }
}

function commandsOf(
  run: (name: keyof EngineCommands, args: readonly unknown[]) => Promise<unknown>,
): EngineCommands {
  const named = ENGINE_COMMANDS.map((name) => {
    return [name, (...args: readonly unknown[]) => run(name, args)] as const
  })
  return Object.fromEntries(named) as unknown as EngineCommands
}
