import { inspect } from 'node:util'
import {
  ChatClient,
  type ChatClientOptions,
  type Commands,
  type ContactView,
  type ConversationSummary,
  createMemoryStorage,
  type Message,
  type OwnProfile,
  type SessionView,
  type Storage,
  type TimelineNotice,
} from '@sotto/sdk'
import * as password from '@sotto/sdk/password'
import type { AccountId, ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import { eventually } from './eventually.ts'
import { Happenings } from './happenings.ts'
import { type KeptAccount, type KeptContact, keptAccount, keptContact } from './kept-data.ts'

export type TestDeviceOptions = Partial<
  Pick<
    ChatClientOptions,
    | 'createProtocols'
    | 'createWebSocket'
    | 'fetch'
    | 'ownDeviceWaitMs'
    | 'now'
    | 'origin'
    | 'refreshIn'
    | 'storage'
    | 'watchNetwork'
  >
>

const LOG_LINES = 40
const PRINTED = { depth: 5, maxArrayLength: null, maxStringLength: 1_000 }

const NODE_NETWORK = {
  fetch: (...request: Parameters<typeof fetch>) => fetch(...request),
  createWebSocket: (url: string) => new WebSocket(url),
}

/** The server that a device talks to, and its log, if known. */
interface Server {
  readonly origin: string
  readonly logs?: string
}

/** A real client over a storage that outlives it, so that it can be closed and opened again. */
export class TestDevice {
  readonly name: string
  readonly storage: Storage
  /** Failures that no command waited for. */
  readonly failures: unknown[] = []
  readonly #server: Server
  readonly #happenings = new Happenings()
  readonly #options: TestDeviceOptions
  readonly #taken = new Set<EnvelopeId>()
  #client: ChatClient | undefined

  static async open(
    server: Server,
    name: string,
    options: TestDeviceOptions = {},
  ): Promise<TestDevice> {
    const device = new TestDevice(server, name, options)
    await device.open()
    return device
  }

  private constructor(server: Server, name: string, options: TestDeviceOptions) {
    this.#server = server
    this.name = name
    this.#options = options
    this.storage = options.storage ?? createMemoryStorage()
  }

  get client(): ChatClient {
    if (!this.#client) throw new Error(`${this.name} is closed`)
    return this.#client
  }

  get commands(): Commands {
    return this.client.commands
  }

  /** Opens the client over the stored data, like a reload of the page. */
  async open(options: TestDeviceOptions = {}): Promise<void> {
    const { fetch, createWebSocket, ...others } = { ...NODE_NETWORK, ...this.#options, ...options }
    this.#client = await ChatClient.open({
      origin: this.#server.origin,
      deviceName: this.name,
      refreshIn: 'body',
      password,
      onError: (error) => this.failures.push(error),
      ...others,
      fetch: this.#happenings.fetch(fetch),
      createWebSocket: this.#happenings.createWebSocket(createWebSocket),
      storage: this.storage,
    })
  }

  async close(): Promise<void> {
    await this.#client?.close()
    this.#client = undefined
  }

  session(): SessionView {
    return this.client.snapshot({ view: 'session' }) ?? { stage: 'starting' }
  }

  me(): OwnProfile {
    const session = this.session()
    if (session.stage !== 'ready') throw new Error(`${this.name} is ${session.stage}`)
    return session.me
  }

  async stage<S extends SessionView['stage']>(
    stage: S,
  ): Promise<Extract<SessionView, { stage: S }>> {
    const session = await this.eventually(`to be ${stage}`, () => {
      const now = this.session()
      return now.stage === stage && now
    })
    return session as Extract<SessionView, { stage: S }>
  }

  /** Enters the requested group, and returns the whole code. */
  async confirmRecovery(): Promise<string> {
    return this.#typeGroup(await this.stage('confirm_recovery'))
  }

  /**
   * Creates a new recovery code, enters its group, and returns it once the manifest names its wrap.
   */
  async renewRecoveryCode(): Promise<string> {
    const code = await this.#typeGroup(await this.commands.renewRecoveryCode())
    await this.wrapsNamed()
    return code
  }

  async #typeGroup({ recoveryCode, askedGroup }: { recoveryCode: string; askedGroup: number }) {
    await this.commands.confirmRecovery(recoveryCode.split('-')[askedGroup - 1] ?? '')
    return recoveryCode
  }

  async online(): Promise<void> {
    await this.eventually('to be online', () => {
      const state = this.client.snapshot({ view: 'connection' })?.state
      return state === 'online' || state === 'catching_up'
    })
  }

  /** Waits until it has caught up, which includes repairing a restored server. */
  async upToDate(): Promise<void> {
    await this.eventually('to be up to date', () => {
      return this.client.snapshot({ view: 'connection' })?.state === 'online'
    })
  }

  /** Its stored data about its own account, once it exists. */
  own(): Promise<KeptAccount> {
    return keptAccount(this.storage)
  }

  /** Its stored data about a contact. */
  keptContact(id: AccountId): Promise<KeptContact> {
    return keptContact(this.storage, id)
  }

  /** Waits until the account's manifest names every wrap that this device has created. */
  async wrapsNamed(): Promise<void> {
    await this.eventually('to publish its manifest', async () => {
      return (await this.own())?.hasNewWraps === false
    })
  }

  /** An entry of the list, once it exists and `isRight` accepts it. */
  async conversation(
    id: ConversationId,
    isRight: (conversation: ConversationSummary) => boolean = () => true,
  ): Promise<ConversationSummary> {
    return this.eventually('to see the conversation', () =>
      this.client
        .snapshot({ view: 'conversations' })
        ?.find((conversation) => conversation.id === id && isRight(conversation)),
    )
  }

  /** Compares the safety number with a contact and confirms it. */
  async verify(id: AccountId): Promise<void> {
    const { digits } = await this.commands.safetyNumber(id)
    await this.commands.setVerified(id, true, digits)
  }

  /** Accepts the safety number of a contact's new key. */
  async acceptKey(id: AccountId): Promise<void> {
    const { changedDigits } = await this.commands.safetyNumber(id)
    if (changedDigits === null) throw new Error(`${this.name} sees no changed key`)
    await this.commands.acceptChangedKey(id, changedDigits)
  }

  /** Permanently ends the session of another device of the account. */
  async revoke(other: TestDevice | DeviceId): Promise<void> {
    const deviceId = typeof other === 'string' ? other : other.me().deviceId
    const sessions = await this.commands.listSessions()
    const session = sessions.find((one) => one.deviceId === deviceId)
    if (!session) throw new Error(`${deviceId} has no session`)
    await this.commands.endSession(session.sessionId)
  }

  contact(id: AccountId): ContactView | undefined {
    return this.client.snapshot({ view: 'contacts' })?.find(({ accountId }) => accountId === id)
  }

  /** Everything that a timeline shows, as far as it is loaded. */
  items(id: ConversationId): readonly (Message | TimelineNotice)[] {
    return this.client.snapshot({ view: 'timeline', conversationId: id })?.items ?? []
  }

  messages(id: ConversationId): Message[] {
    return this.items(id).filter((item) => item.kind === 'message')
  }

  /** The notices in a timeline. */
  notices(id: ConversationId): TimelineNotice[] {
    return this.items(id).filter((item) => item.kind !== 'message')
  }

  /** The texts of a timeline from its beginning. */
  async wholeHistory(id: ConversationId, count: number): Promise<string[]> {
    return this.eventually(`to have ${count} messages`, async () => {
      const timeline = this.client.snapshot({ view: 'timeline', conversationId: id })
      if (timeline?.hasOlder) await this.commands.loadOlder(id)
      const texts = this.messages(id).map(({ text }) => text)
      return !timeline?.hasOlder && texts.length >= count && texts
    })
  }

  async message(
    id: ConversationId,
    isRight: (message: Message) => boolean,
    what = 'a message',
  ): Promise<Message> {
    return this.eventually(`to see ${what}`, () => this.messages(id).find(isRight))
  }

  /** Sends, and waits until the server has accepted it. */
  async send(id: ConversationId, text: string): Promise<Message> {
    const message = await this.commands.send(id, text)
    return this.message(id, (one) => one.id === message && one.seq !== null, 'its own message')
  }

  /** The next message from someone else, in any conversation. */
  async nextMessage(): Promise<Message> {
    const message = await this.eventually('to get a message', () => {
      const conversations = this.client.snapshot({ view: 'conversations' }) ?? []
      const all = conversations.flatMap(({ id }) => this.messages(id))
      return all.find(({ id, mine }) => !mine && !this.#taken.has(id))
    })
    this.#taken.add(message.id)
    return message
  }

  /**
   * If something does not happen in time, prints what the device shows and the previous traffic.
   */
  async eventually<T>(
    what: string,
    read: () => T | undefined | false | Promise<T | undefined | false>,
  ): Promise<T> {
    return eventually(`${this.name} ${what}`, read).catch((error: unknown) => {
      const views = (['session', 'connection', 'conversations'] as const).map((view) =>
        this.#client?.snapshot({ view }),
      )
      const { failures } = this
      const happenings = this.#happenings.last
      const logs = this.#server.logs?.split('\n').slice(-LOG_LINES)
      console.error(inspect({ [this.name]: views, failures, happenings, logs }, PRINTED))
      throw error
    })
  }
}
