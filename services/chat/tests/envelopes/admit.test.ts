import { AccountId, MAX_REQUEST_ENVELOPES, type ParticipantState } from '@sotto/wire'
import { describe, expect, test } from 'vitest'
import { admit } from '../../src/domain/envelopes/admit.ts'

const alice = AccountId.parse('00000000-0000-4000-8000-00000000000a')
const bob = AccountId.parse('00000000-0000-4000-8000-00000000000b')
const carol = AccountId.parse('00000000-0000-4000-8000-00000000000c')

const conversation = (alices: ParticipantState, bobs: ParticipantState, lastSeq = 0) => ({
  lastSeq,
  participants: new Map([
    [alice, alices],
    [bob, bobs],
  ]),
})
const enrolled = (accountId: AccountId) => ({ accountId, isEnrolled: true })

test('people who have accepted may write', () => {
  expect(admit(conversation('accepted', 'accepted', 1000), enrolled(bob))).toBeNull()
})

test('a stranger learns only that the conversation does not exist', () => {
  expect(admit(conversation('accepted', 'blocked'), enrolled(carol))).toBe('conversation_not_found')
})

test('a device that is not enrolled cannot write', () => {
  const sender = { accountId: alice, isEnrolled: false }
  expect(admit(conversation('accepted', 'accepted'), sender)).toBe('device_not_enrolled')
})

test('a request accepts a limited number of envelopes', () => {
  const last = MAX_REQUEST_ENVELOPES - 1
  expect(admit(conversation('accepted', 'requested', last), enrolled(alice))).toBeNull()
  expect(admit(conversation('accepted', 'requested', last + 1), enrolled(alice))).toBe(
    'request_pending',
  )
})

test('the recipient of a request must answer before writing', () => {
  expect(admit(conversation('accepted', 'requested'), enrolled(bob))).toBe('request_pending')
})

test.each(['declined', 'blocked'] as const)('%s closes a conversation for both', (state) => {
  for (const sender of [alice, bob]) {
    expect(admit(conversation('accepted', state), enrolled(sender))).toBe('conversation_closed')
    expect(admit(conversation(state, 'requested'), enrolled(sender))).toBe('conversation_closed')
  }
})

describe('with more than two participants', () => {
  const group = (alices: ParticipantState, bobs: ParticipantState, carols: ParticipantState) => ({
    lastSeq: MAX_REQUEST_ENVELOPES,
    participants: new Map([
      [alice, alices],
      [bob, bobs],
      [carol, carols],
    ]),
  })

  test('people who have accepted write, whatever one of the others has answered', () => {
    for (const state of ['requested', 'declined', 'blocked'] as const) {
      expect(admit(group('accepted', 'accepted', state), enrolled(alice))).toBeNull()
      expect(admit(group('accepted', 'accepted', state), enrolled(bob))).toBeNull()
    }
  })

  test('a participant who has not accepted cannot write', () => {
    expect(admit(group('accepted', 'accepted', 'requested'), enrolled(carol))).toBe(
      'request_pending',
    )
    expect(admit(group('accepted', 'accepted', 'declined'), enrolled(carol))).toBe(
      'conversation_closed',
    )
  })

  test('a request that nobody has answered accepts a limited number of envelopes', () => {
    expect(admit(group('accepted', 'requested', 'requested'), enrolled(alice))).toBe(
      'request_pending',
    )
  })

  test('a conversation that everyone else has declined is closed', () => {
    expect(admit(group('accepted', 'declined', 'blocked'), enrolled(alice))).toBe(
      'conversation_closed',
    )
  })
})
