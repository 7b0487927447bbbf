import { type AccountEvent, type AccountId, Command, type ConversationId } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import { envelopeIn, type Person } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'
import { createWorld, inRole, type Role, type World } from './roles.ts'

let chat: TestChat
let world: World

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

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
      world = await createWorld(chat)
      const { as, conversationId } = inRole(world, role)
      const expected = commands[type].expected[role](world)
      const outcome = await commands[type].run(as as Person, conversationId, expected)
      expect(outcome).toEqual(expected)
    })
  })
})
