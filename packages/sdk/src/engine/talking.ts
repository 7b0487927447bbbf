import { ClientError } from '../api/errors.ts'
import { Retrying } from '../scheduling/retrying.ts'
import { singleFlight } from '../scheduling/serial.ts'
import type { Talk } from './talk.ts'
import { TALK_COMMANDS, type TalkCommands } from './talk-command-names.ts'
import type { TalkOptions } from './talk-options.ts'

export interface TalkingOptions {
  /** Whether the device is unlocked. */
  readonly isReady: () => boolean
  /** The options for `Talk` on an unlocked device. */
  readonly talkOptions: () => TalkOptions
  /** `Talk` was opened or closed. */
  readonly changed: () => void
  readonly failed: (error: unknown) => void
}

/**
 * Opens `Talk` on an unlocked device and closes it again. Its code is loaded once there is an account, so that a new
 * visitor's first page does without.
 */
export class Talking {
  /** Commands wait until it is open, and throw `unauthenticated` on a locked device. */
  readonly commands: TalkCommands
  readonly #options: TalkingOptions
  readonly #open: () => Promise<Talk | undefined>
  readonly #opening: Retrying
  #talk: Talk | undefined
  /** The current opening. One that began before the last `stop` doesn't count. */
  #turn = 0
  #reading: Promise<unknown> = Promise.resolve()

  constructor(options: TalkingOptions) {
    this.#options = options
    this.#open = singleFlight(() => this.#openOnce())
    this.#opening = new Retrying(async () => {
      await this.#open()
    }, options.failed)
    this.commands = commandsOf(async (name, args) => {
      const talk = await this.#opened()
      const command = talk.commands[name] as (...args: readonly unknown[]) => Promise<unknown>
      return command(...args)
    })
  }

  /** The open `Talk`, if any. */
  get talk(): Talk | undefined {
    return this.#talk
  }

  /** Loads the code ahead of time. If that fails, unlocking loads it again. */
  prepare(): void {
    loadTalk().catch(() => {})
  }

  /** Reads all logs to their end. Throws if it can't. */
  async readToEnd(): Promise<void> {
    const { reading } = await this.#opened()
    const { catchUp } = await import('../receiving/catch-up.ts')
    await catchUp(reading)
  }

  async #opened(): Promise<Talk> {
    const talk = this.#talk ?? (await this.#open())
    if (!talk) throw new ClientError('unauthenticated')
    return talk
  }

  /** Opens it, with retries. Resolves once it is open or the first attempt has failed. */
  async start(): Promise<void> {
    if (this.#talk) return
    this.#opening.start()
    // `#opening` reports the failure, and retries.
    await this.#open().catch(() => {})
  }

  /** Closes it, or abandons an attempt to open it. */
  stop(): void {
    this.#turn += 1
    this.#opening.stop()
    const talk = this.#talk
    if (!talk) return
    this.#talk = undefined
    talk.close()
    this.#options.changed()
  }

  /** Like `stop`, but resolves only once nothing reads from the storage any more. */
  async close(): Promise<void> {
    this.stop()
    await this.#reading
  }

  /** Undefined if the device is locked by then. */
  async #openOnce(): Promise<Talk | undefined> {
    // It may have opened in the meantime, and two instances would share one storage.
    if (this.#talk) return this.#talk
    const turn = this.#turn
    const isWanted = () => turn === this.#turn && this.#options.isReady()
    if (!isWanted()) return undefined
    const { Talk } = await loadTalk()
    if (!isWanted()) return undefined
    const opened = Talk.open(this.#options.talkOptions())
    this.#reading = opened.catch(() => {})
    const talk = await opened
    if (!isWanted()) {
      talk.close()
      this.#options.changed()
      return undefined
    }
    this.#talk = talk
    this.#options.changed()
    return talk
  }
}

/** Loads the code of an unlocked device. */
async function loadTalk() {
  try {
    return await import('./talk.ts')
  } catch (cause) {
    throw new ClientError('unavailable', undefined, { cause })
  }
}

function commandsOf(
  run: (name: keyof TalkCommands, args: readonly unknown[]) => Promise<unknown>,
): TalkCommands {
  const named = TALK_COMMANDS.map((name) => {
    return [name, (...args: readonly unknown[]) => run(name, args)] as const
  })
  return Object.fromEntries(named) as unknown as TalkCommands
}
