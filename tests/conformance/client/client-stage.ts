import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccountId, ConversationId } from '@sotto/wire'
import { BadOwner } from '../../evil-server/bad-owner.ts'
import { TestNetwork } from '../../network/network.ts'
import type { Person } from '../../network/people.ts'
import { TamperingProxy } from '../../network/tampering-proxy.ts'
import { readSettings } from '../settings.ts'
import { DeviceUnderTest } from './device-under-test.ts'
import type { Ability } from './line-protocol.ts'

/** An account of the client under test. */
export interface AccountUnderTest {
  readonly name: string
  readonly phone: string
  readonly accountId: AccountId
  recoveryCode: string
  readonly device: DeviceUnderTest
}

/**
 * A real Sotto, a proxy in front of it that the client under test has to use, and our SDK as the other people, who
 * reach the server directly. There is one per test file: cases share the account `client` and get new peers.
 */
export class ClientStage implements AsyncDisposable {
  readonly network: TestNetwork
  readonly owner: BadOwner
  readonly proxy: TamperingProxy
  readonly lacks: readonly Ability[]
  /** The client account shared by the cases, which must leave it usable. */
  readonly client: AccountUnderTest
  readonly #parts: Parts

  static async start(): Promise<ClientStage> {
    const network = await TestNetwork.start()
    const owner = await BadOwner.of(network.database)
    const proxy = await TamperingProxy.start(network.origin)
    const folder = await mkdtemp(join(tmpdir(), 'sotto-conformance-'))
    const parts = new Parts(network, proxy, folder)
    const device = await parts.newDevice("casey's device")
    const { lacks } = await device.ask('hello', {})
    const client = await parts.signUp(device, 'casey', { withRsa: !lacks.includes('rsa') })
    return new ClientStage(parts, owner, lacks, client)
  }

  private constructor(
    parts: Parts,
    owner: BadOwner,
    lacks: readonly Ability[],
    client: AccountUnderTest,
  ) {
    this.#parts = parts
    this.network = parts.network
    this.proxy = parts.proxy
    this.owner = owner
    this.lacks = lacks
    this.client = client
  }

  /** Another account of the client under test, for cases that would leave the shared one unusable. */
  async signUp(name: string): Promise<AccountUnderTest> {
    const device = await this.#parts.newDevice(`${name}'s device`)
    return this.#parts.signUp(device, name, { withRsa: false })
  }

  /** A device of the client under test that isn't logged in. */
  newDevice(deviceName: string): Promise<DeviceUnderTest> {
    return this.#parts.newDevice(deviceName)
  }

  /** Logs in by phone. Afterwards the device is locked, or has no profile yet. */
  logIn(device: DeviceUnderTest, phone: string): Promise<void> {
    return this.#parts.logIn(device, phone)
  }

  /** Another device of an account, logged in and unlocked. */
  async addDevice({ name, phone, recoveryCode }: AccountUnderTest): Promise<DeviceUnderTest> {
    const device = await this.newDevice(`${name}'s next device`)
    await this.logIn(device, phone)
    await device.ask('unlock', { recoveryCode })
    await device.online()
    return device
  }

  /** A person who uses our SDK. */
  peer(options: { withRsa?: boolean } = {}): Promise<Person> {
    return this.network.person('robin', options)
  }

  /** A new peer in an open conversation with the shared client; the peer has started it. */
  async talk(protocol: 'ecdh' | 'rsa' = 'ecdh', client = this.client) {
    const peer = await this.peer({ withRsa: protocol === 'rsa' })
    const id = await peer.commands.startConversation(client.accountId, protocol)
    await client.device.conversation(id, ({ state }) => state === 'request')
    await client.device.ask('answer', { conversation: id, answer: 'accepted' })
    await client.device.conversation(id, ({ state }) => state === 'open')
    await peer.device.conversation(id, ({ state }) => state === 'open')
    return { peer, id, device: client.device }
  }

  /**
   * The peer writes `texts`: the client reads the first one, the others arrive while it is away, and then `deed` is
   * done to the log. Returns when the client is back.
   */
  async readAfter(
    protocol: 'ecdh' | 'rsa',
    [first = '', ...texts]: readonly string[],
    deed: (id: ConversationId) => Promise<unknown>,
  ) {
    const { peer, id, device } = await this.talk(protocol)
    await peer.send(id, first)
    await device.expectShown(id, [first])
    await device.whileAway(async () => {
      for (const text of texts) await peer.send(id, text)
      await deed(id)
    })
    return { peer, id, device }
  }

  /** Restores normal traffic, whatever a case did to it. */
  calm(): void {
    this.proxy.tampering = {}
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.end()
    await this.proxy[Symbol.asyncDispose]()
    await this.network[Symbol.asyncDispose]()
  }
}

/** Starts devices of the client under test, and ends them. */
class Parts {
  readonly network: TestNetwork
  readonly proxy: TamperingProxy
  readonly #folder: string
  readonly #devices: DeviceUnderTest[] = []

  constructor(network: TestNetwork, proxy: TamperingProxy, folder: string) {
    this.network = network
    this.proxy = proxy
    this.#folder = folder
  }

  async newDevice(deviceName: string): Promise<DeviceUnderTest> {
    const device = await DeviceUnderTest.start({
      command: readSettings().client,
      origin: this.proxy.origin,
      storage: join(this.#folder, `device-${this.#devices.length + 1}`),
      deviceName,
    })
    this.#devices.push(device)
    return device
  }

  async logIn(device: DeviceUnderTest, phone: string): Promise<void> {
    await device.ask('startPhone', { phone })
    await device.ask('verifyPhone', { code: await this.network.codeFor(phone) })
  }

  async signUp(
    device: DeviceUnderTest,
    name: string,
    { withRsa }: { withRsa: boolean },
  ): Promise<AccountUnderTest> {
    const phone = this.network.newPhone()
    await this.logIn(device, phone)
    const { recoveryCode } = await device.ask('createProfile', { name, withRsa })
    await device.online()
    const { accountId } = await device.ask('state', {})
    return { name, phone, device, recoveryCode, accountId: accountId as AccountId }
  }

  async end(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.end()))
    await rm(this.#folder, { recursive: true, force: true })
  }
}
