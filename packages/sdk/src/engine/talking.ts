import { ClientError } from '../api/errors.ts'
import { Retrying } from '../scheduling/retrying.ts'
import { singleFlight } from '../scheduling/serial.ts'
import type { Talk } from './talk.ts'
import { TALK_COMMANDS, type TalkCommands } from './talk-command-names.ts'
import type { TalkOptions } from './talk-options.ts'

export interface TalkingOptions {
  /** Whether the device is unlocked. */
  readonly isReady: () => boolean
  /** What `Talk` is made of on an unlocked device. */
  readonly talkOptions: () => TalkOptions
  /** It was opened, or closed. */
  readonly changed: () => void
  readonly failed: (error: unknown) => void
}

/**
 * Opens `Talk` on an unlocked device and closes it again. Its code is loaded when there is an account: the
 * first page of a new visitor does without.
 */
export class Talking {
  /** They wait until it is open, and throw `unauthenticated` on a device that is not unlocked. */
  readonly commands: TalkCommands
  readonly #options: TalkingOptions
  readonly #open: () => Promise<Talk | undefined>
  readonly #opening: Retrying
  #talk: Talk | undefined
  /** Which opening counts: one that was begun before the last `stop` does not. */
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

  /** What is open. */
  get talk(): Talk | undefined {
    return this.#talk
  }

  /** Loads the code, so that it is there when the device is unlocked. What fails is loaded again then. */
  prepare(): void {
    loadTalk().catch(() => {})
  }

  /** Reads all logs as far as they go. Throws what keeps it from that. */
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

  /** Opens it, and goes on trying. Resolves when it is open or the first attempt has failed. */
  async start(): Promise<void> {
    if (this.#talk) return
    this.#opening.start()
    // The failure is that of `#opening`, which tries again.
    await this.#open().catch(() => {})
  }

  /** Closes it, or gives up opening it. */
  stop(): void {
    this.#turn += 1
    this.#opening.stop()
    const talk = this.#talk
    if (!talk) return
    this.#talk = undefined
    talk.close()
    this.#options.changed()
  }

  /** As `stop`; resolves when nothing is read from the storage any more. */
  async close(): Promise<void> {
    this.stop()
    await this.#reading
  }

  /** Undefined when the device is locked by then. */
  async #openOnce(): Promise<Talk | undefined> {
    // Whoever asked while it was being opened has it by now: two would share one storage.
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

/** The code of everything that an unlocked device does. */
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
