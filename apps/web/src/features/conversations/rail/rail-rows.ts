import type { ConversationSummary } from '@sotto/sdk'
import { titleOf } from '../participants.ts'
import { matches } from './match.ts'

/** More requests than this share one row: strangers must not push the conversations out of sight. */
const MAX_SHOWN_REQUESTS = 2

export type RailRow =
  | { kind: 'heading'; key: string; of: 'requests' | 'others' }
  /** All requests, folded. */
  | { kind: 'requests'; key: string; requests: readonly ConversationSummary[] }
  | {
      kind: 'conversation'
      key: string
      conversation: ConversationSummary
      /** Whether there is another one with the same people, so that only the protocol tells them apart. */
      isTwin: boolean
    }

/** The rail's rows: requests first, then everything else, or only the matches of a search. */
export function railRows(
  conversations: readonly ConversationSummary[],
  wanted: string,
): readonly RailRow[] {
  const isSearch = wanted.trim() !== ''
  // A search doesn't find requests: the sender stays hidden until the request is opened.
  const requests = isSearch ? [] : requestsOf(conversations)
  const others = conversations.filter(
    (conversation) => conversation.state !== 'request' && matches(titleOf(conversation), wanted),
  )
  const withSame = new Map<string, number>()
  for (const conversation of conversations) {
    const people = peopleOf(conversation)
    withSame.set(people, (withSame.get(people) ?? 0) + 1)
  }
  const rowOf = (conversation: ConversationSummary): RailRow => ({
    kind: 'conversation',
    key: conversation.id,
    conversation,
    isTwin: (withSame.get(peopleOf(conversation)) ?? 0) > 1,
  })
  const rows: RailRow[] = []
  if (isFolded(requests)) {
    rows.push({ kind: 'requests', key: 'requests', requests })
  } else if (requests.length > 0) {
    rows.push({ kind: 'heading', key: 'requests', of: 'requests' }, ...requests.map(rowOf))
    if (others.length > 0) rows.push({ kind: 'heading', key: 'others', of: 'others' })
  }
  rows.push(...others.map(rowOf))
  return rows
}

/** The same for conversations with the same people. */
const peopleOf = ({ participants }: ConversationSummary): string =>
  participants
    .map(({ accountId }) => accountId)
    .sort()
    .join(' ')

/** The requests waiting for an answer, latest first. */
export const requestsOf = (
  conversations: readonly ConversationSummary[],
): readonly ConversationSummary[] => conversations.filter(({ state }) => state === 'request')

/** Whether these requests share a separate page instead of having a row each. */
export const isFolded = (requests: readonly ConversationSummary[]): boolean =>
  requests.length > MAX_SHOWN_REQUESTS
