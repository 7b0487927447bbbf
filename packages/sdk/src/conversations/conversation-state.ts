import type { ConversationSummary, MessageStatus } from '../api/views.ts'
import { type ConversationRecord, marksIn, othersIn, stateIn } from './conversation-record.ts'

/** A conversation's state, as the person on this device sees it. */
export function stateOf(conversation: ConversationRecord): ConversationSummary['state'] {
  if (conversation.membership.aside === 'replaced') return 'ended'
  const own = stateIn(conversation, conversation.self)
  if (own === 'requested') return 'request'
  if (own !== 'accepted') return own
  return acceptedIn(conversation).length > 0 ? 'open' : 'waiting'
}

/** The status of our message at `seq`: `delivered` or `read` once that is true for everyone who has accepted. */
export function statusAt(conversation: ConversationRecord, seq: number): MessageStatus {
  const accepted = acceptedIn(conversation)
  const readers = accepted.length > 0 ? accepted : othersIn(conversation)
  const marks = readers.map((accountId) => marksIn(conversation, accountId))
  if (marks.length === 0) return 'accepted'
  if (marks.every(({ readSeq }) => seq <= readSeq)) return 'read'
  return marks.every(({ deliveredSeq }) => seq <= deliveredSeq) ? 'delivered' : 'accepted'
}

function acceptedIn(conversation: ConversationRecord) {
  return othersIn(conversation).filter((id) => stateIn(conversation, id) === 'accepted')
}
