import { chatRequests, type ParticipantState } from '@sotto/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { ComparedConversation } from './compared-conversation.ts'

let one: ComparedConversation

beforeEach(async () => {
  one = await ComparedConversation.open()
})

describe('a conversation that the server has lost', () => {
  beforeEach(() => one.people.beforeMeeting())

  test('is created again under its id, with everyone and its protocol', async () => {
    await one.compare()
    const created = one.people.server.conversation(one.people.id)
    expect(created).toMatchObject({
      id: one.people.id,
      protocol: 'ecdh',
      createdBy: one.alice.accountId,
    })
    expect(created?.members.map(({ accountId }) => accountId).sort()).toEqual(
      [one.alice.accountId, one.bob.accountId].sort(),
    )
    expect(one.here.membership.aside).toBeUndefined()
    expect(one.cuts).toEqual([[one.people.id, 0]])
  })

  test('is compared if the other side was faster', async () => {
    one.people.server.create(one.people.id, one.bob.accountId, {
      [one.alice.accountId]: 'accepted',
    })
    await one.compare()
    expect(one.here.membership.aside).toBeUndefined()
    expect(one.cuts).toEqual([[one.people.id, 0]])
  })

  test.each([
    ['the two have another one', 'conversation_exists', { conversationId: crypto.randomUUID() }],
    ['the other account is gone', 'account_not_found', undefined],
  ] as const)('has ended if %s', async (_, code, details) => {
    one.refuse(code, details)
    await one.compare()
    expect(one.here.membership.aside).toBe('replaced')
    expect(one.cuts).toEqual([])
  })

  test.each(['rate_limited', 'conversation_closed'] as const)(
    'stays set aside after %s',
    async (code) => {
      one.refuse(code)
      await one.compare()
      expect(one.here.membership.aside).toBe('uncompared')
    },
  )

  test.each(['unavailable', 'untrusted_answer'] as const)(
    'is tried again after %s',
    async (code) => {
      one.refuse(code)
      await expect(one.compare()).rejects.toMatchObject({ code })
      expect(one.here.membership.aside).toBe('uncompared')
    },
  )
})

describe('our answer', () => {
  const answered = async (own: ParticipantState, told: ParticipantState) => {
    const { participants, protocol } = one.here.membership
    const mine = { role: 'member' as const, state: own }
    await one.change({
      membership: { protocol, participants: { ...participants, [one.alice.accountId]: mine } },
    })
    one.people.server.answer(one.people.id, one.alice.accountId, told)
    const asked: string[] = []
    one.people.server.onCall = ({ method, path }) => asked.push(`${method} ${path}`)
    await one.compare()
    const state = one.people.server
      .conversation(one.people.id)
      ?.members.find(({ accountId }) => accountId === one.alice.accountId)?.state
    const { method, path } = chatRequests.answerConversation
    return { state, isRepeated: asked.includes(`${method} ${path}`) }
  }

  test.each([
    ['accepted', 'requested'],
    ['declined', 'requested'],
    ['blocked', 'requested'],
    ['blocked', 'accepted'],
  ] as const)('%s is repeated if the server has %s', async (own, told) => {
    expect(await answered(own, told)).toEqual({ state: own, isRepeated: true })
  })

  test.each([
    ['accepted', 'accepted'],
    ['accepted', 'declined'],
    ['declined', 'accepted'],
    ['blocked', 'blocked'],
    ['requested', 'requested'],
  ] as const)('%s is not repeated if the server has %s', async (own, told) => {
    expect(await answered(own, told)).toEqual({ state: told, isRepeated: false })
  })
})
