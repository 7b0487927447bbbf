import { randomUUID } from 'node:crypto'
import {
  type AccountEvent,
  type AccountId,
  Command,
  type ConversationId,
  chatRequests,
  noPassword,
  writtenStop,
  writtenWrap,
  writtenWraps,
} from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../tests/network/eventually.ts'
import {
  answer,
  envelopeIn,
  type Person,
  requestConversation,
  startConversation,
} from './person.ts'
import { type Sent, startChat, type TestChat } from './start-chat.ts'

/** All roles that may call an endpoint. */
const ROLES = ['owner', 'participant', 'former', 'stranger', 'anonymous'] as const
type Role = (typeof ROLES)[number]

interface World {
  readonly alice: Person
  readonly bob: Person
  /** Alice asked Carol, who declined. */
  readonly carol: Person
  readonly mallory: Person
  /** Alice and Bob's, with an envelope in it. */
  readonly conversationId: ConversationId
  readonly declinedId: ConversationId
}

/** The same request by all roles, and the answer that each gets. */
interface Row {
  readonly sent: (world: World, conversationId: ConversationId) => Sent
  readonly expected: Record<Role, number>
}

const everybodyWithAccount = {
  owner: 200,
  participant: 200,
  former: 200,
  stranger: 200,
  anonymous: 401,
}
// A participant who declined can still see earlier envelopes and change the answer.
const everybodyInIt = { ...everybodyWithAccount, stranger: 404 }
const ownerOnly = { owner: 200, participant: 403, former: 403, stranger: 403, anonymous: 401 }
const inConversation = (_: World, conversationId: ConversationId): Sent => ({
  params: { conversationId },
})

const otherKey = 'A'.repeat(43)
const wrap = { kind: 'password', ciphertext: 'AAAA' } as const

const matrix: Record<keyof typeof chatRequests, Row> = {
  putUser: {
    sent: ({ alice }) => ({ body: { record: alice.record({ version: 2 }), picture: null } }),
    expected: ownerOnly,
  },
  getUser: {
    sent: ({ alice }) => ({ params: { accountId: alice.accountId } }),
    expected: everybodyWithAccount,
  },
  ownUser: { sent: () => ({}), expected: everybodyWithAccount },
  listNewKeys: { sent: () => ({}), expected: everybodyWithAccount },
  stopNewKeys: {
    sent: ({ alice }) => ({
      body: { identityKey: otherKey, write: alice.write(writtenStop(otherKey), 1) },
    }),
    expected: ownerOnly,
  },
  listUsers: { sent: () => ({}), expected: everybodyWithAccount },
  putDevice: {
    sent: ({ alice }) => ({
      params: { deviceId: alice.deviceId },
      body: { credential: alice.credential() },
    }),
    expected: ownerOnly,
  },
  proveDevice: {
    // No access token is needed, but the device must sign the request.
    sent: ({ alice }) => ({
      params: { deviceId: alice.deviceId },
      body: { credential: alice.credential(), proof: alice.credential() },
    }),
    expected: { owner: 400, participant: 400, former: 400, stranger: 400, anonymous: 400 },
  },
  getManifest: { sent: () => ({}), expected: everybodyWithAccount },
  putManifest: {
    sent: ({ alice }) => ({ body: { manifest: alice.manifest() } }),
    expected: ownerOnly,
  },
  getBox: { sent: () => ({ params: { box: 'keys' } }), expected: everybodyWithAccount },
  putBox: {
    sent: ({ alice }) => alice.box('keys', { version: 1, ciphertext: 'AAAA' }),
    expected: ownerOnly,
  },
  replaceWraps: {
    sent: ({ alice }) => ({
      body: { wraps: [wrap], write: alice.write(writtenWraps([wrap]), 1) },
    }),
    expected: ownerOnly,
  },
  putWrap: {
    sent: ({ alice }) => ({
      params: { kind: wrap.kind },
      body: { ciphertext: wrap.ciphertext, write: alice.write(writtenWrap(wrap), 1) },
    }),
    expected: ownerOnly,
  },
  removePassword: {
    sent: ({ alice }) => ({ body: { write: alice.write(noPassword, 1) } }),
    expected: ownerOnly,
  },
  createConversation: {
    // Alice's conversation under her id: no one else can get it by requesting it.
    sent: ({ bob, conversationId }) => ({
      body: { id: conversationId, protocol: 'ecdh', participants: [bob.accountId] },
    }),
    expected: { owner: 200, participant: 400, former: 409, stranger: 409, anonymous: 401 },
  },
  listConversations: { sent: () => ({}), expected: everybodyWithAccount },
  getConversation: { sent: inConversation, expected: everybodyInIt },
  answerConversation: {
    sent: (_, conversationId) => ({ params: { conversationId }, body: { state: 'accepted' } }),
    expected: everybodyInIt,
  },
  readLog: { sent: inConversation, expected: everybodyInIt },
  serverRow: {
    sent: (_, conversationId) => ({ params: { conversationId, seq: 1 } }),
    expected: everybodyInIt,
  },
  readEra: { sent: () => ({}), expected: everybodyWithAccount },
  listChanges: { sent: () => ({}), expected: everybodyWithAccount },
  ownUsage: { sent: () => ({}), expected: everybodyWithAccount },
  listBlocked: { sent: () => ({}), expected: everybodyWithAccount },
  unblock: {
    sent: ({ alice }) => ({ params: { accountId: alice.accountId } }),
    expected: everybodyWithAccount,
  },
}

let chat: TestChat
let world: World

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

async function createWorld(): Promise<World> {
  const [alice, bob, carol, mallory] = await Promise.all(
    (['Alice', 'Bob', 'Carol', 'Mallory'] as const).map((name) => chat.person(name)),
  )
  if (!alice || !bob || !carol || !mallory) throw new Error('nobody came')
  const conversationId = await startConversation(chat, alice, bob)
  const declinedId = await requestConversation(chat, alice, carol)
  await chat.send([
    [alice, envelopeIn(conversationId)],
    [alice, envelopeIn(declinedId)],
  ])
  await answer(chat, carol, declinedId, 'declined')
  await chat.call(alice, chatRequests.putBox, alice.box('keys', { version: 1, ciphertext: 'AAAA' }))
  return { alice, bob, carol, mallory, conversationId, declinedId }
}

function inRole(role: Role): { as: Person | null; conversationId: ConversationId } {
  const { alice, bob, carol, mallory, conversationId, declinedId } = world
  const people = {
    owner: alice,
    participant: bob,
    former: carol,
    stranger: mallory,
    anonymous: null,
  }
  return { as: people[role], conversationId: role === 'former' ? declinedId : conversationId }
}

describe('the endpoints and roles', () => {
  test('have a row for every endpoint, and every endpoint requires an account or a proof', () => {
    expect(Object.keys(matrix).toSorted()).toEqual(Object.keys(chatRequests).toSorted())
    const forAnyone = Object.entries(chatRequests).filter(([, { access }]) => access === 'anyone')
    expect(forAnyone.map(([name]) => name)).toEqual(['proveDevice'])
  })

  describe.each(Object.keys(matrix) as (keyof typeof chatRequests)[])('%s', (name) => {
    test.each(ROLES)('as %s', async (role) => {
      world = await createWorld()
      const { as, conversationId } = inRole(role)
      const { sent, expected } = matrix[name]
      const { status } = await chat.call(as, chatRequests[name], sent(world, conversationId))
      expect(status).toBe(expected[role])
    })
  })
})

describe("a list shows only the caller's own", () => {
  test('conversations, changes and blocks', async () => {
    world = await createWorld()
    const { mallory, bob, conversationId } = world
    const idsOf = async (person: Person) => {
      const list = await chat.call(person, chatRequests.listConversations)
      const changes = await chat.call(person, chatRequests.listChanges)
      return [list, changes].map(({ body }) => body.conversations.map(({ id }) => id))
    }
    expect(await idsOf(bob)).toEqual([[conversationId], [conversationId]])
    expect(await idsOf(mallory)).toEqual([[], []])
  })

  test('a seq that does not exist is not found, even for a participant', async () => {
    world = await createWorld()
    const params = { conversationId: world.conversationId, seq: 2 }
    const { status, code } = await chat.call(world.bob, chatRequests.serverRow, { params })
    expect([status, code]).toEqual([404, 'not_found'])
  })

  test("a missing conversation and another account's get the same answer", async () => {
    world = await createWorld()
    const ask = (conversationId: string) =>
      chat.call(world.mallory, chatRequests.getConversation, { params: { conversationId } })
    expect(await ask(world.conversationId)).toEqual(await ask(randomUUID()))
  })
})

/** The effect of a command by each role: the accounts that are notified, or the error code. */
type Outcome = (world: World) => readonly AccountId[] | string

interface CommandRow {
  readonly run: (
    as: Person,
    conversationId: ConversationId,
    expected: unknown,
  ) => Promise<readonly string[] | string>
  readonly expected: Record<Exclude<Role, 'anonymous'>, Outcome>
}

/** The accounts that were notified of an action, once everything is published: `expected` says whether any will be. */
async function told(
  fits: (event: AccountEvent) => boolean,
  expected: unknown,
): Promise<readonly string[]> {
  const find = () => chat.events.filter(fits).flatMap(({ recipients }) => recipients)
  const isAny = Array.isArray(expected) && expected.length > 0
  if (isAny) await eventually('the event', () => find().length > 0)
  else await new Promise((resolve) => setTimeout(resolve, 50))
  await chat.settle()
  return find()
}

const nobody: Outcome = () => []
const commands: Record<Command['type'], CommandRow> = {
  'envelopes.accept': {
    run: async (as, conversationId) => {
      const [verdict] = await chat.send([[as, envelopeIn(conversationId)]])
      return verdict?.fate === 'refused' ? verdict.code : 'accepted'
    },
    expected: {
      owner: () => 'accepted',
      participant: () => 'accepted',
      former: () => 'conversation_closed',
      stranger: () => 'conversation_not_found',
    },
  },
  'receipts.record': {
    run: async ({ actor }, conversationId, expected) => {
      const receipt = { conversationId, deliveredSeq: 1, readSeq: 1 }
      await chat.command({ type: 'receipts.record', receipts: [{ actor, receipt }] })
      const isOwn = (e: AccountEvent) =>
        e.type === 'receipts.changed' && e.accountId === actor.accountId
      return told(isOwn, expected)
    },
    expected: {
      owner: ({ alice, bob }) => [alice.accountId, bob.accountId],
      participant: ({ alice, bob }) => [bob.accountId, alice.accountId],
      former: ({ carol }) => [carol.accountId],
      stranger: nobody,
    },
  },
  'typing.announce': {
    run: async ({ actor }, conversationId, expected) => {
      await chat.command({ type: 'typing.announce', actor, conversationId })
      const isOwn = (e: AccountEvent) =>
        e.type === 'typing.started' && e.accountId === actor.accountId
      return told(isOwn, expected)
    },
    expected: {
      owner: ({ bob }) => [bob.accountId],
      participant: ({ alice }) => [alice.accountId],
      former: nobody,
      stranger: nobody,
    },
  },
}

describe('the commands and roles', () => {
  test('have a row for every command', () => {
    const types = Command.options.map(({ shape }) => shape.type.value)
    expect(Object.keys(commands).toSorted()).toEqual(types.toSorted())
  })

  describe.each(Object.keys(commands) as Command['type'][])('%s', (type) => {
    test.each(['owner', 'participant', 'former', 'stranger'] as const)('as %s', async (role) => {
      world = await createWorld()
      const { as, conversationId } = inRole(role)
      const expected = commands[type].expected[role](world)
      const outcome = await commands[type].run(as as Person, conversationId, expected)
      expect(outcome).toEqual(expected)
    })
  })
})
