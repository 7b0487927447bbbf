import type { AccountId, ConversationId } from '@sotto/wire'
import { TestNetwork } from '../../network/network.ts'
import type { Person } from '../../network/people.ts'
import { storedValue } from '../../network/stored-value.ts'
import { TamperingProxy } from '../../network/tampering-proxy.ts'
import { BadOwner } from '../bad-owner.ts'
import { type ForgedAccount, forgeAccount } from '../forged-account.ts'
import { expectShown, whileAway } from '../shown.ts'

/**
 * Lies about renewed keys (PROTOCOL.md §5.4). The server's owner has their own keys, and in some
 * tests also the keys of a stolen device.
 */
export class Plot implements AsyncDisposable {
  readonly #network: TestNetwork
  readonly proxy: TamperingProxy
  readonly owner: BadOwner
  readonly alice: Person
  readonly bob: Person
  readonly bobId: AccountId
  readonly id: ConversationId

  /** Alice has verified Bob's number, and has written him two secrets. */
  static async start(protocol: 'ecdh' | 'rsa' = 'ecdh'): Promise<Plot> {
    const network = await TestNetwork.start()
    const proxy = await TamperingProxy.start(network.origin)
    const owner = await BadOwner.of(network.database)
    const [alice, bob] = await Promise.all([
      network.person('alice', { withRsa: true, origin: proxy.origin }),
      network.person('bob', { withRsa: true }),
    ])
    const id = await alice.startConversation(bob, protocol)
    for (const text of ['secret 1', 'secret 2']) await alice.send(id, text)
    await expectShown(bob.device, id, ['secret 1', 'secret 2'])
    await alice.device.verify(bob.accountId)
    await alice.device.eventually('to have written what it knows of Bob', async () => {
      const contact = await storedValue(alice.device.storage, 'contacts', bob.accountId)
      return (contact as { dirty: boolean }).dirty === false
    })
    return new Plot({ network, proxy, owner, alice, bob, id })
  }

  private constructor(
    parts: Pick<Plot, 'proxy' | 'owner' | 'alice' | 'bob' | 'id'> & { network: TestNetwork },
  ) {
    this.#network = parts.network
    this.proxy = parts.proxy
    this.owner = parts.owner
    this.alice = parts.alice
    this.bob = parts.bob
    this.bobId = parts.bob.accountId
    this.id = parts.id
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network[Symbol.asyncDispose]()
    await this.proxy[Symbol.asyncDispose]()
  }

  forge(): Promise<ForgedAccount> {
    return this.owner.recordOf(this.bobId).then((record) => forgeAccount(record))
  }

  /** Shows Alice, when she comes back, a record for Bob with these successions. */
  async show(record: string, successions: readonly string[]): Promise<void> {
    await whileAway(this.alice, async () => {
      await this.owner.publish(this.bobId, { record })
      await this.owner.setSuccessions(this.bobId, successions)
    })
    this.alice.device.client.subscribe({ view: 'timeline', conversationId: this.id }, () => {})
  }

  /** Bob renews his keys, and Alice's device follows. */
  async renew(): Promise<void> {
    await this.bobRenews()
    const isFollowed = () => this.alice.device.notices(this.id).length === 1
    await this.alice.device.eventually('to follow', isFollowed)
  }

  async bobRenews(): Promise<void> {
    const stolen = await this.bob.addDevice()
    await this.bob.commands.deviceStolen(stolen.me().deviceId)
    this.bob.recoveryCode = await this.bob.device.confirmRecovery()
    await this.bob.device.online()
  }
}
