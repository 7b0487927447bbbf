import {
  ChatClient,
  ClientError,
  type ClientSocket,
  type Commands,
  type ContactView,
  type Message,
  type PasswordPort,
  type SessionView,
  type TimelineNotice,
} from '@sotto/sdk'
import type { ConversationId } from '@sotto/wire'
import { randomFrom } from '../../../network/random-from.ts'
import type { EvilServer } from '../server/evil-server.ts'
import { FakeSocket } from '../server/socket.ts'
import { Disk } from './disk.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Something that a client must never do. */
export interface Failure {
  readonly device: string
  readonly what: string
  readonly error: unknown
}

const noPassword = {} as PasswordPort

/** A device of a person: a real client over a disk that outlives it. */
export class Device {
  readonly name: string
  readonly index: number
  readonly failures: Failure[] = []
  disk: Disk
  client: ChatClient | undefined
  readonly #time: VirtualTime
  readonly #server: EvilServer
  /** Identifies the current client: whatever an abandoned one still does is ignored. */
  #life = 0

  constructor(
    { name, index }: Pick<Device, 'name' | 'index'>,
    { time, server, disk = new Disk() }: { time: VirtualTime; server: EvilServer; disk?: Disk },
  ) {
    this.name = name
    this.index = index
    this.disk = disk
    this.#time = time
    this.#server = server
  }

  /** Opens a client over the stored state, like a reload of the page. */
  async open(): Promise<void> {
    this.crash()
    const life = this.#life
    const opening = ChatClient.open({
      origin: 'https://server.example',
      storage: this.disk.attach(),
      deviceName: this.name,
      refreshIn: 'body',
      password: noPassword,
      now: this.#time.now,
      random: randomFrom(this.index + 1),
      watchNetwork: () => () => {},
      onError: (error) => {
        if (life === this.#life) this.#noteUnlessRefused('a failure that is no ClientError', error)
      },
      ...this.#network(() => life === this.#life),
    })
    const client = await opening
    if (life === this.#life) this.client = client
  }

  /** Stops everything immediately; nothing more is stored or sent. */
  crash(): void {
    this.#life += 1
    const { client } = this
    this.client = undefined
    this.disk.detach()
    this.#server.cut(this.index, 1006)
    void client?.close().catch(() => {})
  }

  /** Crashes in the middle of what comes next, after `writes` more writes. */
  crashAfter(writes: number): void {
    this.disk.crashAfter(writes, () => this.crash())
  }

  /** Does something as the person. Refusals by the client are expected; any other failure is a bug. */
  async command<T>(act: (commands: Commands) => Promise<T>): Promise<T | ClientError | undefined> {
    const { client } = this
    const life = this.#life
    if (!client) return undefined
    try {
      return await act(client.commands)
    } catch (error) {
      if (life !== this.#life) return undefined
      if (error instanceof ClientError) return error
      this.#noteUnlessRefused('a command failed with something else than a ClientError', error)
      return undefined
    }
  }

  /** Records something that must not happen. */
  note(what: string, error: unknown = undefined): void {
    this.failures.push({ device: this.name, what, error })
  }

  session(): SessionView {
    return this.client?.snapshot({ view: 'session' }) ?? { stage: 'starting' }
  }

  get isReady(): boolean {
    return this.session().stage === 'ready'
  }

  contacts(): readonly ContactView[] {
    return this.client?.snapshot({ view: 'contacts' }) ?? []
  }

  conversations() {
    return this.client?.snapshot({ view: 'conversations' }) ?? []
  }

  items(id: ConversationId): readonly (Message | TimelineNotice)[] {
    return this.client?.snapshot({ view: 'timeline', conversationId: id })?.items ?? []
  }

  /** Requests of an abandoned client do not reach the server any more. */
  #network(isAlive: () => boolean) {
    const { fetch, createWebSocket } = this.#server.networkOf(this.index)
    return {
      fetch: (...request: Parameters<typeof fetch>) =>
        isAlive() ? fetch(...request) : new Promise<never>(() => {}),
      createWebSocket: (url: string) =>
        isAlive()
          ? createWebSocket(url)
          : (new FakeSocket(
              () => {},
              () => {},
            ) as unknown as ClientSocket),
    }
  }

  #noteUnlessRefused(what: string, error: unknown): void {
    if (!(error instanceof ClientError)) this.note(what, error)
  }
}
