import { i18n } from '@lingui/core'
import type { ConversationSummary } from '@sotto/sdk'
import { beforeAll, expect, test } from 'vitest'
import { railRows } from '../src/features/conversations/rail/rail-rows.ts'

beforeAll(() => i18n.loadAndActivate({ locale: 'en', messages: {} }))

let serial = 0

function conversationWith(name: string, state: ConversationSummary['state']): ConversationSummary {
  const id = `conversation ${++serial}`
  const participants = [{ accountId: `account ${serial}`, name }]
  return { id, state, participants } as unknown as ConversationSummary
}

const requests = (count: number) =>
  Array.from({ length: count }, () => conversationWith('Somebody', 'request'))
const kinds = (conversations: readonly ConversationSummary[], wanted = '') =>
  railRows(conversations, wanted).map(({ kind }) => kind)

test('one or two requests are shown above the conversations', () => {
  const anna = conversationWith('Anna', 'open')

  expect(kinds([anna, ...requests(2)])).toEqual([
    'heading',
    'conversation',
    'conversation',
    'heading',
    'conversation',
  ])
  expect(kinds(requests(1))).toEqual(['heading', 'conversation'])
})

test('more requests share one row', () => {
  const anna = conversationWith('Anna', 'open')
  const many = requests(3)

  expect(railRows([anna, ...many], '')).toEqual([
    { kind: 'requests', key: 'requests', requests: many },
    { kind: 'conversation', key: anna.id, conversation: anna, isTwin: false },
  ])
  expect(kinds(requests(500))).toEqual(['requests'])
})

test('a search does not find a request by its hidden name', () => {
  const all = [conversationWith('Anna', 'open'), ...requests(3), ...requests(3)]

  expect(kinds(all, 'ann')).toEqual(['conversation'])
  expect(kinds(all, 'some')).toEqual([])
})
