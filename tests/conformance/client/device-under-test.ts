import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { LineClient, RefusedCommand } from './line-client.ts'
import type {
  CommandAnswer,
  CommandInput,
  CommandName,
  Contact,
  ListedConversation,
  State,
  TimelineItem,
} from './line-protocol.ts'

const WITHIN_MS = 30_000
const LOOK_EVERY_MS = 20

export interface DeviceOptions {
  /** The shell command that starts the client. */
  readonly command: string
  readonly origin: string
  /** A separate folder. */
  readonly storage: string
  readonly deviceName: string
}

class WaitedInVain extends Error {
  override readonly name = 'WaitedInVain'
}

/** One device of the client under test: a process over a storage that outlives it. */
export class DeviceUnderTest {
  readonly #options: DeviceOptions
  #line: LineClient

  /** Starts a process and opens the client in it. */
  static async start(options: DeviceOptions): Promise<DeviceUnderTest> {
    const device = new DeviceUnderTest(options)
    await device.open()
    return device
  }

  private constructor(options: DeviceOptions) {
    this.#options = options
    this.#line = new LineClient(options.command)
  }

  /** Sends one command. Throws `RefusedCommand`. */
  ask<C extends CommandName>(name: C, input: CommandInput<C>): Promise<CommandAnswer<C>> {
    return this.#line.ask(name, input)
  }

  /** The code with which a command is refused. Fails if it isn't. */
  async refusal<C extends CommandName>(name: C, input: CommandInput<C>): Promise<string> {
    const refused = await this.ask(name, input).then(
      (answer) => answer,
      (error: Error) => error,
    )
    expect(refused, `${name} has to be refused`).toBeInstanceOf(Error)
    if (!('code' in refused)) throw refused
    return refused.code as string
  }

  /** The name that the person gave it. */
  get name(): string {
    return this.#options.deviceName
  }

  async open(): Promise<void> {
    const { origin, storage, deviceName } = this.#options
    await this.ask('open', { origin, storage, deviceName })
  }

  async close(): Promise<void> {
    await this.ask('close', {})
  }

  /** Kills the process and starts another one over the same storage. */
  async crash(): Promise<void> {
    await this.#line.kill()
    this.#line = new LineClient(this.#options.command)
    await this.open()
  }

  /** Ends the process for good. */
  async end(): Promise<void> {
    await this.#line.end()
  }

  /** Runs `act` while the device is off, and waits until it is back. */
  async whileAway(act: () => Promise<unknown>): Promise<void> {
    await this.close()
    await act().finally(() => this.open())
    await this.online()
  }

  async state(isRight: (state: State) => boolean, what: string): Promise<State> {
    return this.#until(what, async () => {
      const state = await this.ask('state', {})
      return { value: state, isRight: isRight(state) }
    })
  }

  async online(): Promise<void> {
    await this.state(({ stage, online }) => stage === 'ready' && online, 'being online')
  }

  /** An entry of the conversation list, once `isRight` accepts it. */
  async conversation(
    id: string,
    isRight: (one: ListedConversation) => boolean = () => true,
  ): Promise<ListedConversation> {
    return this.#until(`conversation ${id}`, async () => {
      const { conversations } = await this.ask('conversations', {})
      const value = conversations.find((one) => one.id === id)
      return { value, isRight: value !== undefined && isRight(value) }
    }) as Promise<ListedConversation>
  }

  async contact(accountId: string, isRight: (one: Contact) => boolean): Promise<Contact> {
    return this.#until(`contact ${accountId}`, async () => {
      const { contacts } = await this.ask('contacts', {})
      const value = contacts.find((one) => one.accountId === accountId)
      return { value, isRight: value !== undefined && isRight(value) }
    }) as Promise<Contact>
  }

  async items(conversation: string): Promise<TimelineItem[]> {
    try {
      return (await this.ask('timeline', { conversation })).items
    } catch (error) {
      // The device may not have read about it yet.
      if (error instanceof RefusedCommand && error.code === 'conversation_not_found') return []
      throw error
    }
  }

  /** A message in a timeline, once it is there and `isRight` accepts it. */
  async message(
    conversation: string,
    isRight: (message: Extract<TimelineItem, { kind: 'message' }>) => boolean,
    what = 'a message',
  ): Promise<Extract<TimelineItem, { kind: 'message' }>> {
    return this.#until(what, async () => {
      const items = await this.items(conversation)
      const messages = items.filter((item) => item.kind === 'message')
      const found = messages.find(isRight)
      return { value: found ?? messages, isRight: found !== undefined }
    }) as Promise<Extract<TimelineItem, { kind: 'message' }>>
  }

  /** Sends, and waits until the server has accepted it. */
  async send(conversation: string, text: string): Promise<string> {
    const { message } = await this.ask('send', { conversation, text })
    await this.message(conversation, ({ id, seq }) => id === message && seq !== null, `"${text}"`)
    return message
  }

  /**
   * Waits until a timeline shows exactly this: texts, and notices in brackets. `[unreadable]` stands for an envelope
   * that is unreadable for any reason.
   */
  async expectShown(conversation: string, expected: readonly string[]): Promise<void> {
    let shown: string[] = []
    await this.#until('the timeline', async () => {
      const items = await this.items(conversation)
      shown = items.map((item, n) => asShown(item, expected[n] === '[unreadable]'))
      return { value: shown, isRight: isDeepStrictEqual(shown, expected) }
    }).catch((error) => {
      if (!(error instanceof WaitedInVain)) throw error
    })
    expect(shown).toEqual(expected)
  }

  async #until<T>(what: string, look: () => Promise<{ value: T; isRight: boolean }>): Promise<T> {
    const deadline = Date.now() + WITHIN_MS
    for (;;) {
      const { value, isRight } = await look()
      if (isRight) return value
      if (Date.now() > deadline) {
        throw new WaitedInVain(`${what}; the client says ${JSON.stringify(value)}`)
      }
      await sleep(LOOK_EVERY_MS)
    }
  }
}

function asShown(item: TimelineItem, anyReason: boolean): string {
  switch (item.kind) {
    case 'message':
      return item.text
    case 'unsupported':
      return `[unsupported ${item.type}]`
    case 'gap':
      return `[gap of ${item.count}]`
    case 'unreadable':
      return anyReason ? '[unreadable]' : `[${item.reason}]`
    default:
      return `[${item.kind}]`
  }
}
