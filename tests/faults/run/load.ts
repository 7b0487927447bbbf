import { setTimeout as sleep } from 'node:timers/promises'
import type { ConversationId } from '@sotto/wire'
import { type Account, signUpMany, startConversation } from '../../../bench/load/accounts.ts'
import { forEachAtOnce } from '../../../bench/load/at-once.ts'
import { eventually } from '../../network/eventually.ts'
import type { Ledger } from '../checker/ledger.ts'
import { pageReader } from './follow-log.ts'
import { LightDevice } from './light-device.ts'
import { SendInOrder } from './send-in-order.ts'

/** Where people log in, and how their devices reach the server. */
export interface LoadPlace {
  readonly origin: string
  codeFor(contact: string): Promise<string>
}

export interface LoadOptions {
  readonly ledger: Ledger
  readonly random: () => number
  /** Each is between two people who write to each other. */
  readonly conversations: number
  /** Messages of all people together. */
  readonly perSecond: number
  /** The origins that devices connect to instead of the server's own, assigned in turn. */
  readonly deviceOrigins?: readonly string[]
  /** The length of a ciphertext in characters; by default about that of a short message. */
  readonly messageChars?: number
}

const TICK_MS = 10

/** A device that writes in one conversation. */
interface Writer {
  readonly device: LightDevice
  readonly id: ConversationId
}

/** People with light devices who write to each other at a steady rate until they are stopped. */
export class Load {
  readonly devices: readonly LightDevice[]
  readonly accounts: readonly Account[]
  readonly #ledger: Ledger
  readonly #place: LoadPlace
  readonly #writers: readonly Writer[]
  readonly #readers: ReadonlyMap<ConversationId, Account>
  #perSecond: number
  #ticker: NodeJS.Timeout | undefined

  /** Signs people up and connects them, without writing yet. */
  static async open(place: LoadPlace, options: LoadOptions): Promise<Load> {
    const { ledger, random, conversations } = options
    const origins = options.deviceOrigins ?? [place.origin]
    const accounts = await signUpMany(place, 2 * conversations)
    const devices = accounts.map((account, n) => {
      const origin = origins[n % origins.length] ?? place.origin
      return new LightDevice({ name: `d${n}`, origin, token: () => account.token, ledger, random })
    })
    const writers: Writer[] = []
    const readers = new Map<ConversationId, Account>()
    await forEachAtOnce(8, Array.from({ length: conversations }), async (_, n) => {
      const [one, other] = [accounts[2 * n], accounts[2 * n + 1]] as [Account, Account]
      const both = [devices[2 * n], devices[2 * n + 1]] as [LightDevice, LightDevice]
      const id = await startConversation(place, one, other)
      readers.set(id, other)
      for (const device of both) {
        const names = both.map(({ name }) => name)
        device.follow(id)
        device.add(
          new SendInOrder(
            ledger,
            ledger.open(`${device.name}-c${n}`, id, names),
            options.messageChars,
          ),
        )
        writers.push({ device, id })
      }
    })
    await eventually('all devices to be online', () => devices.every(({ isOnline }) => isOnline))
    return new Load(place, options, { accounts, devices, writers, readers })
  }

  private constructor(
    place: LoadPlace,
    { ledger, perSecond }: LoadOptions,
    parts: {
      accounts: readonly Account[]
      devices: readonly LightDevice[]
      writers: readonly Writer[]
      readers: ReadonlyMap<ConversationId, Account>
    },
  ) {
    this.#place = place
    this.#ledger = ledger
    this.#perSecond = perSecond
    this.accounts = parts.accounts
    this.devices = parts.devices
    this.#writers = parts.writers
    this.#readers = parts.readers
  }

  /** Starts writing, with people taking turns. Messages that fell due while this process was busy are caught up. */
  start(): void {
    let at = performance.now()
    let due = 0
    let written = 0
    this.#ticker = setInterval(() => {
      const now = performance.now()
      due += ((now - at) / 1000) * this.#perSecond
      at = now
      for (; written < due; written++) {
        const { device, id } = this.#writers[written % this.#writers.length] as Writer
        device.write(id)
      }
    }, TICK_MS)
  }

  /** Sets how many messages per second all people write together. */
  setPace(perSecond: number): void {
    this.#perSecond = perSecond
  }

  stop(): void {
    clearInterval(this.#ticker)
  }

  /**
   * Waits until everything written is accepted, lets every device read its logs to the end, and then reads the logs
   * once more like a new device. Throws if that takes longer.
   */
  async drain(): Promise<void> {
    this.stop()
    const isDone = () => this.devices.every(({ isIdle }) => isIdle)
    await eventually('everything to be accepted', isDone)
    await Promise.all(this.devices.map((device) => device.catchUp()))
    await forEachAtOnce(8, [...this.#readers], ([id, account]) => this.#readLog(id, account))
  }

  async close(): Promise<void> {
    this.stop()
    for (const device of this.devices) device.close()
    await sleep(0)
  }

  async #readLog(id: ConversationId, account: Account): Promise<void> {
    const read = pageReader(this.#place.origin, () => account.token)
    const entries: { seq: number; id: (typeof page)[number]['id'] }[] = []
    let page: Awaited<ReturnType<typeof read>> = []
    do {
      page = await read(id, entries.at(-1)?.seq ?? 0)
      entries.push(...page.map(({ seq, id: envelope }) => ({ seq, id: envelope })))
    } while (page.length > 0)
    this.#ledger.logged.set(id, entries)
  }
}
