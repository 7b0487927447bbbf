import { randomUUID } from 'node:crypto'
import {
  type ConversationId,
  chatRequests,
  noPassword,
  writtenStop,
  writtenWrap,
  writtenWraps,
} from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Person } from '../person.ts'
import { type Sent, startChat, type TestChat } from '../start-chat.ts'
import { createWorld, inRole, ROLES, type Role, type World } from './roles.ts'

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

describe('the endpoints and roles', () => {
  test('have a row for every endpoint, and every endpoint requires an account or a proof', () => {
    expect(Object.keys(matrix).toSorted()).toEqual(Object.keys(chatRequests).toSorted())
    const forAnyone = Object.entries(chatRequests).filter(([, { access }]) => access === 'anyone')
    expect(forAnyone.map(([name]) => name)).toEqual(['proveDevice'])
  })

  describe.each(Object.keys(matrix) as (keyof typeof chatRequests)[])('%s', (name) => {
    test.each(ROLES)('as %s', async (role) => {
      world = await createWorld(chat)
      const { as, conversationId } = inRole(world, role)
      const { sent, expected } = matrix[name]
      const { status } = await chat.call(as, chatRequests[name], sent(world, conversationId))
      expect(status).toBe(expected[role])
    })
  })
})

describe("a list shows only the caller's own", () => {
  test('conversations, changes and blocks', async () => {
    world = await createWorld(chat)
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
    world = await createWorld(chat)
    const params = { conversationId: world.conversationId, seq: 2 }
    const { status, code } = await chat.call(world.bob, chatRequests.serverRow, { params })
    expect([status, code]).toEqual([404, 'not_found'])
  })

  test("a missing conversation and another account's get the same answer", async () => {
    world = await createWorld(chat)
    const ask = (conversationId: string) =>
      chat.call(world.mallory, chatRequests.getConversation, { params: { conversationId } })
    expect(await ask(world.conversationId)).toEqual(await ask(randomUUID()))
  })
})
