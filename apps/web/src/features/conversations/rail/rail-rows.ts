import type { ConversationSummary } from '@sotto/sdk'
import type { AccountId } from '@sotto/wire'
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
      /** Whether there is another one with the same person, so that only the protocol tells them apart. */
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
    ({ state, peer }) => state !== 'request' && matches(peer.name, wanted),
  )
  const withPeer = new Map<AccountId, number>()
  for (const { peer } of conversations) {
    withPeer.set(peer.accountId, (withPeer.get(peer.accountId) ?? 0) + 1)
  }
  const rowOf = (conversation: ConversationSummary): RailRow => ({
    kind: 'conversation',
    key: conversation.id,
    conversation,
    isTwin: (withPeer.get(conversation.peer.accountId) ?? 0) > 1,
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

/** The requests waiting for an answer, latest first. */
export const requestsOf = (
  conversations: readonly ConversationSummary[],
): readonly ConversationSummary[] => conversations.filter(({ state }) => state === 'request')

/** Whether these requests share a separate page instead of having a row each. */
export const isFolded = (requests: readonly ConversationSummary[]): boolean =>
  requests.length > MAX_SHOWN_REQUESTS
