import type { ConversationId } from '@sotto/wire'
import { expect, test } from 'vitest'
import type { TestDevice } from '../../network/device.ts'
import { eventually } from '../../network/eventually.ts'
import { TestNetwork } from '../../network/network.ts'
import type { Person } from '../../network/people.ts'
import { storedValue } from '../../network/stored-value.ts'
import { TamperingProxy } from '../../network/tampering-proxy.ts'
import { BadOwner } from '../bad-owner.ts'
import { type ForgedAccount, forgeAccount } from '../forged-account.ts'
import { readableWith } from '../readable-with.ts'
import { expectShown, whileAway } from '../shown.ts'

const FOR_THE_NEW_KEY = 'for the new key'

/**
 * Past messages never go to a later key. The server's owner shows their own key for Bob, Alice
 * accepts it, and then the server claims that it was restored and has lost what was written before.
 */
class Plot implements AsyncDisposable {
  readonly network: TestNetwork
  readonly proxy: TamperingProxy
  readonly owner: BadOwner
  readonly alice: Person
  readonly bob: Person

  static async start(): Promise<Plot> {
    const network = await TestNetwork.start()
    const proxy = await TamperingProxy.start(network.origin)
    const owner = await BadOwner.of(network.database)
    const [alice, bob] = await Promise.all([
      network.person('alice', { withRsa: true, origin: proxy.origin }),
      network.person('bob', { withRsa: true }),
    ])
    return new Plot({ network, proxy, owner, alice, bob })
  }

  private constructor(parts: Pick<Plot, 'network' | 'proxy' | 'owner' | 'alice' | 'bob'>) {
    this.network = parts.network
    this.proxy = parts.proxy
    this.owner = parts.owner
    this.alice = parts.alice
    this.bob = parts.bob
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]()
    await this.proxy[Symbol.asyncDispose]()
  }

  /** Alice writes two secrets to Bob. */
  async begin(protocol: 'ecdh' | 'rsa'): Promise<ConversationId> {
    const id = await this.alice.startConversation(this.bob, protocol)
    for (const text of ['secret 1', 'secret 2']) await this.alice.send(id, text)
    await expectShown(this.bob.device, id, ['secret 1', 'secret 2'])
    await this.bob.device.close()
    return id
  }

  /** The owner shows a key whose private half is theirs. */
  async swapBobsKey(): Promise<ForgedAccount> {
    const accountId = this.#bobId
    const forged = await forgeAccount(await this.owner.recordOf(accountId))
    await this.owner.publish(accountId, { record: forged.record })
    await this.owner.addDevice(accountId, forged.deviceId, forged.credential)
    return forged
  }

  /** Opens and closes the device's connections, and waits until it is up to date. */
  async passEra(device: TestDevice, id: ConversationId): Promise<void> {
    await this.owner.beginEra()
    await device.close()
    await device.open()
    await device.online()
    await device.conversation(id)
    const era = await this.#era()
    await eventually('the era to be followed', async () => {
      return (await storedValue(device.storage, 'account', 'era')) === era
    })
  }

  /** Waits until the message for the new key has this place in the log, and Alice's device knows it. */
  async inLogAt(id: ConversationId, place: number): Promise<void> {
    const isThere = (message: { text: string; seq: number | null }) =>
      message.text === FOR_THE_NEW_KEY && message.seq === place
    await this.alice.device.message(id, isThere)
    expect(await this.owner.log(id)).toHaveLength(place)
  }

  async #era(): Promise<string | undefined> {
    const [row] = await this.network.database.sql<{ era: string }[]>`
      select era from chat.eras order by id desc limit 1`
    return row?.era
  }

  readonly #ids: { bob?: Person['accountId'] } = {}
  get #bobId(): Person['accountId'] {
    this.#ids.bob ??= this.bob.accountId
    return this.#ids.bob
  }

  /** Remembers ids while Bob's device is still open. */
  remember(): Person['accountId'] {
    return this.#bobId
  }

  /** What the owner can read of everything that Alice's devices ever sent. */
  async readBy(forged: ForgedAccount): Promise<string[]> {
    const record = await this.owner.recordOf(this.alice.accountId)
    return readableWith(forged.keys, this.proxy, record)
  }
}

test.each(['ecdh', 'rsa'] as const)(
  'two eras in a row reveal nothing of the past to an accepted key (%s)',
  async (protocol) => {
    await using plot = await Plot.start()
    const { alice, owner } = plot
    const bobId = plot.remember()
    const id = await plot.begin(protocol)
    const forged = await plot.swapBobsKey()
    await whileAway(alice, async () => {})
    alice.device.client.subscribe({ view: 'timeline', conversationId: id }, () => {})
    await alice.device.conversation(
      id,
      ({ participants: [other] }) => other?.trust === 'key_changed',
    )
    await alice.device.acceptKey(bobId)
    await alice.send(id, FOR_THE_NEW_KEY)

    const putBack = await owner.empty(id)
    await plot.passEra(alice.device, id)
    await plot.inLogAt(id, 1)
    await putBack()
    await plot.passEra(alice.device, id)
    await plot.inLogAt(id, 3)
    await owner.empty(id)
    await plot.passEra(alice.device, id)
    await plot.inLogAt(id, 1)

    expect(new Set(await plot.readBy(forged))).toEqual(new Set([FOR_THE_NEW_KEY]))
    const shown = ['secret 1', 'secret 2', '[key_changed]', FOR_THE_NEW_KEY]
    await expectShown(alice.device, id, shown)
  },
)

test.each(['ecdh', 'rsa'] as const)(
  'a key that was accepted on another of our devices gets no past messages (%s)',
  async (protocol) => {
    await using plot = await Plot.start()
    const { alice, owner, proxy } = plot
    const bobId = plot.remember()
    const laptop = await alice.addDevice({ origin: proxy.origin })
    const id = await plot.begin(protocol)
    await laptop.wholeHistory(id, 2)
    const forged = await plot.swapBobsKey()
    await alice.device.close()
    await laptop.close()
    await laptop.open()
    await laptop.online()
    laptop.client.subscribe({ view: 'timeline', conversationId: id }, () => {})
    await laptop.conversation(id, ({ participants: [other] }) => other?.trust === 'key_changed')
    await laptop.acceptKey(bobId)
    await laptop.send(id, FOR_THE_NEW_KEY)

    const phone = alice.device
    await phone.open()
    await eventually('the phone to have the pin', () => {
      return phone.items(id).some(({ kind }) => kind === 'key_changed')
    })
    await owner.empty(id)
    await plot.passEra(phone, id)
    await phone.message(id, ({ text }) => text === 'secret 2')
    await new Promise((done) => setTimeout(done, 500))

    expect(new Set(await plot.readBy(forged))).toEqual(new Set([FOR_THE_NEW_KEY]))
    expect(phone.messages(id).map(({ text }) => text)).toContain('secret 1')
  },
)

test('messages that wait under a former enrollment go only to the key they were written to', async () => {
  await using plot = await Plot.start()
  const { alice, proxy } = plot
  const bobId = plot.remember()
  const id = await plot.begin('ecdh')
  const laptop = await alice.addDevice({ origin: proxy.origin })
  await laptop.wholeHistory(id, 2)
  // The phone writes while offline, and then its session is ended.
  const phone = alice.device
  await phone.close()
  const offline = () => Promise.reject(new TypeError('no network'))
  await phone.open({ fetch: offline, origin: proxy.origin })
  await phone.commands.send(id, 'written offline')
  await phone.close()
  const forged = await plot.swapBobsKey()
  await laptop.close()
  await laptop.open()
  await laptop.online()
  laptop.client.subscribe({ view: 'timeline', conversationId: id }, () => {})
  await laptop.conversation(id, ({ participants: [other] }) => other?.trust === 'key_changed')
  await laptop.acceptKey(bobId)
  const [other] = (await laptop.commands.listSessions()).filter(({ current }) => !current)
  if (!other) throw new Error('there is no other session')
  await laptop.commands.endSession(other.sessionId)

  await phone.open()
  await phone.stage('signed_out')
  await alice.enter(phone)
  await phone.stage('ready')

  await phone.message(id, ({ failure }) => failure === 'key_changed', 'the failure')
  expect(await plot.readBy(forged)).toEqual([])
})

test("each of a person's devices, including new ones, shows where a key changed and what the old one still says", async () => {
  await using network = await TestNetwork.start()
  const owner = await BadOwner.of(network.database)
  const [alice, bob] = await network.people('alice', 'bob')
  const laptop = await alice.addDevice()
  const id = await alice.startConversation(bob)
  const bobId = bob.accountId
  await bob.send(id, 'from the old key')
  await expectShown(laptop, id, ['from the old key'])
  await bob.device.close()
  const { record } = await forgeAccount(await owner.recordOf(bobId))
  await owner.keepPastRecord(bobId)
  await owner.publish(bobId, { record })
  await whileAway(alice, async () => {})
  alice.device.client.subscribe({ view: 'timeline', conversationId: id }, () => {})
  await alice.device.conversation(id, ({ participants: [other] }) => other?.trust === 'key_changed')
  await alice.device.acceptKey(bobId)

  await expectShown(laptop, id, ['from the old key', '[key_changed]'])
  const tablet = await alice.addDevice()
  await expectShown(tablet, id, ['from the old key', '[key_changed]'])
})
