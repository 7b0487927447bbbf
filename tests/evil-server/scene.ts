import { ClientError } from '@sotto/sdk'
import type { ConversationId } from '@sotto/wire'
import { expect } from 'vitest'
import { TestNetwork } from '../network/network.ts'
import type { Person } from '../network/people.ts'
import { BadOwner } from './bad-owner.ts'
import { expectShown, whileAway } from './shown.ts'

type Protocol = 'ecdh' | 'rsa'
/** What the owner does to a log after Alice has written and before Bob's device comes back. */
type Deed = (id: ConversationId) => Promise<unknown>

/** Alice writes to Bob, Carol is a third person, and the owner of the server is dishonest. */
export class Scene implements AsyncDisposable {
  readonly network: TestNetwork
  readonly owner: BadOwner
  readonly alice: Person
  readonly bob: Person
  readonly carol: Person

  static async start(): Promise<Scene> {
    const network = await TestNetwork.start()
    const owner = await BadOwner.of(network.database)
    const people = await Promise.all(
      (['alice', 'bob', 'carol'] as const).map((name) => network.person(name, { withRsa: true })),
    )
    return new Scene(network, owner, people as [Person, Person, Person])
  }

  private constructor(
    network: TestNetwork,
    owner: BadOwner,
    [alice, bob, carol]: [Person, Person, Person],
  ) {
    this.network = network
    this.owner = owner
    this.alice = alice
    this.bob = bob
    this.carol = carol
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.network[Symbol.asyncDispose]()
  }

  /** A new conversation, written while Bob is away: his device hears of it when it comes back. */
  readonly readAnew = async (protocol: Protocol, texts: readonly string[], deed: Deed) => {
    const id = await this.owner.beginConversation(protocol, this.alice, this.bob)
    await whileAway(this.bob, async () => {
      await this.aliceWrites(id, texts)
      await deed(id)
    })
    await this.bob.device.conversation(id)
    return id
  }

  /** The same, but Bob's device has read the first text before it goes away. */
  readonly readOn = async (
    protocol: Protocol,
    [first = '', ...texts]: readonly string[],
    deed: Deed,
  ) => {
    const id = await this.owner.beginConversation(protocol, this.alice, this.bob)
    await this.aliceWrites(id, [first])
    await expectShown(this.bob.device, id, [first])
    await whileAway(this.bob, async () => {
      await this.aliceWrites(id, texts)
      await deed(id)
    })
    return id
  }

  async aliceWrites(id: ConversationId, texts: readonly string[]): Promise<void> {
    await this.alice.commands.reconnect()
    await this.alice.device.conversation(id)
    for (const text of texts) await this.alice.send(id, text)
  }

  /** Checks that Bob's device shows exactly this, followed by any later messages: nothing in it broke. */
  async expectToGoOn(id: ConversationId, shown: readonly string[]): Promise<void> {
    const { device } = this.bob
    await expectShown(device, id, shown)
    await this.alice.send(id, 'and on')
    await expectShown(device, id, [...shown, 'and on'])
    expect(device.failures.filter((error) => !(error instanceof ClientError))).toEqual([])
  }
}
