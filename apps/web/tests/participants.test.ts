import { randomUUID } from 'node:crypto'
import { i18n } from '@lingui/core'
import type { ConversationSummary, ParticipantView } from '@sotto/sdk'
import { AccountId } from '@sotto/wire'
import { beforeAll, expect, test } from 'vitest'
import {
  askersIn,
  nameIn,
  onlyOther,
  titleOf,
  trustIn,
} from '../src/features/conversations/participants.ts'
import { railRows } from '../src/features/conversations/rail/rail-rows.ts'

beforeAll(() => i18n.loadAndActivate({ locale: 'en', messages: {} }))

function person(name: string, more: Partial<ParticipantView> = {}): ParticipantView {
  return {
    accountId: AccountId.parse(randomUUID()),
    name,
    picture: null,
    hasRsaKey: false,
    trust: 'unverified',
    looksLike: null,
    role: 'member',
    state: 'accepted',
    ...more,
  }
}

const withPeople = (...participants: ParticipantView[]) =>
  ({ id: randomUUID(), participants, state: 'open' }) as unknown as ConversationSummary

test('the title lists everyone else', () => {
  expect(titleOf(withPeople(person('Ann')))).toBe('Ann')
  expect(titleOf(withPeople(person('Ann'), person('Ben'), person('Cem')))).toBe('Ann, Ben, and Cem')
})

test('a message is from the participant who sent it', () => {
  const ben = person('Ben')
  const conversation = withPeople(person('Ann'), ben)

  expect(nameIn(conversation, ben.accountId)).toBe('Ben')
  expect(nameIn(conversation, person('Cem').accountId)).toBe('Someone')
})

test('a conversation is verified only if everyone is, and warns if any key changed', () => {
  const verified = person('Ann', { trust: 'verified' })

  expect(trustIn(withPeople(verified))).toBe('verified')
  expect(trustIn(withPeople(verified, person('Ben')))).toBe('unverified')
  expect(trustIn(withPeople(verified, person('Ben', { trust: 'key_changed' })))).toBe('key_changed')
})

test('a request comes from the people who have accepted the conversation', () => {
  const ann = person('Ann')
  const ben = person('Ben', { state: 'requested' })

  expect(askersIn(withPeople(ben, ann))).toEqual([ann])
  expect(askersIn(withPeople(ben))).toEqual([ben])
})

test('a conversation of two has one other person; a larger one has none', () => {
  const ann = person('Ann')

  expect(onlyOther(withPeople(ann))).toBe(ann)
  expect(onlyOther(withPeople(ann, person('Ben')))).toBeUndefined()
})

test('the list shows the protocol only to tell conversations with the same people apart', () => {
  const [ann, ben] = [person('Ann'), person('Ben')]
  const rows = railRows([withPeople(ann, ben), withPeople(ben, ann), withPeople(ann)], '')

  expect(rows.map((row) => row.kind === 'conversation' && row.isTwin)).toEqual([true, true, false])
})

test('a search finds a conversation by the name of any participant', () => {
  const conversation = withPeople(person('Ann'), person('Ben'))

  expect(railRows([conversation], 'ben')).toHaveLength(1)
  expect(railRows([conversation], 'cem')).toHaveLength(0)
})
