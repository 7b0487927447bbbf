import { randomInt } from 'node:crypto'
import { authRequests, type ConversationId, chatRequests, type Protocol } from '@sotto/wire'
import { TestNetwork } from '../../network/network.ts'
import { addDevice, type RawDevice, signUp } from '../raw/raw-device.ts'
import { call, type ServerUnderTest } from '../raw/raw-server.ts'
import { readSettings } from '../settings.ts'
import { learnCodes } from './learn-codes.ts'

type Lack = 'email' | 'directory' | 'readable_cursors'

/**
 * The server under test and three people on it, two of whom talk to each other. There is one for the whole run, to keep
 * the number of accounts low: cases leave the three usable, and sign up others for anything that would spoil an
 * account.
 */
export class ServerStage implements AsyncDisposable {
  readonly server: ServerUnderTest
  readonly lacks: readonly Lack[]
  readonly alice: RawDevice
  readonly bob: RawDevice
  /** Has no conversations. */
  readonly carol: RawDevice
  readonly #network: TestNetwork | undefined

  static async start(): Promise<ServerStage> {
    const { server: given } = readSettings()
    const network = given ? undefined : await TestNetwork.start()
    const server = given ? serverAt(given.origin, given.codes) : network
    if (!server) throw new Error('no server was started')
    const alice = await signUp(server, 'Alice Adler', { withRsa: true })
    const bob = await signUp(server, 'Bob Brandt')
    const carol = await signUp(server, 'Carol Clemens')
    return new ServerStage(network, server, await findLacks(server, alice), { alice, bob, carol })
  }

  private constructor(
    network: TestNetwork | undefined,
    server: ServerUnderTest,
    lacks: readonly Lack[],
    people: Pick<ServerStage, 'alice' | 'bob' | 'carol'>,
  ) {
    this.#network = network
    this.server = server
    this.lacks = lacks
    this.alice = people.alice
    this.bob = people.bob
    this.carol = people.carol
  }

  /** A new person. */
  signUp(name = 'Dora Dorn', options: { withRsa?: boolean } = {}): Promise<RawDevice> {
    return signUp(this.server, name, options)
  }

  addDevice(first: RawDevice): Promise<RawDevice> {
    return addDevice(first)
  }

  /** The open conversation between Alice and Bob in a protocol. */
  async aliceAndBob(protocol: Protocol = 'ecdh'): Promise<ConversationId> {
    return openConversation(this.alice, this.bob, protocol)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network?.[Symbol.asyncDispose]()
  }
}

/** The conversation between two people, created and accepted if necessary. */
export async function openConversation(
  creator: RawDevice,
  other: RawDevice,
  protocol: Protocol = 'ecdh',
): Promise<ConversationId> {
  const { conversations } = await creator.call(chatRequests.listConversations, { query: {} })
  const known = conversations.find((one) => {
    const ids = one.participants.map(({ accountId }) => accountId)
    return one.protocol === protocol && ids.includes(other.accountId)
  })
  if (known) return known.id
  const id = await creator.createConversation(other, protocol)
  await other.answer(id, 'accepted')
  return id
}

function serverAt(origin: string, codes: string): ServerUnderTest {
  const codeFor = learnCodes(codes)
  return {
    origin,
    codeFor,
    newPhone: () => `+4915${String(randomInt(1e9)).padStart(9, '0')}`,
  }
}

async function findLacks(server: ServerUnderTest, device: RawDevice): Promise<readonly Lack[]> {
  const { channels } = await call(server.origin, authRequests.listChannels, {})
  const isClosed = await device
    .call(chatRequests.listUsers, { query: {} })
    .then(() => false)
    .catch((error) => error.code === 'directory_closed')
  const { era, cursor } = await device.call(chatRequests.listChanges, { query: {} })
  // Cursors are opaque. If they start with the era, as ours do, others can be derived from them.
  const isReadable = cursor.startsWith(`${era}.`)
  return [
    ...(isReadable ? [] : (['readable_cursors'] as const)),
    ...(channels.includes('email') ? [] : (['email'] as const)),
    ...(isClosed ? (['directory'] as const) : []),
  ]
}
