import type { ConversationId } from '@sotto/wire'
import type { ConversationSummary } from '../api/commands.ts'
import { type Contacts, contactView } from '../contacts/contacts.ts'
import { stateOf, statusAt } from '../conversations/conversation-state.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { ContactRecord, ConversationRecord, OutboxItem } from '../storage/stored.ts'

/** What else a line of the list shows. */
export interface ListDependencies {
  readonly conversations: Conversations
  readonly contacts: Contacts
  readonly outbox: (id: ConversationId) => readonly OutboxItem[]
  readonly looksLike: (contact: ContactRecord) => string | null
  readonly isTyping: (id: ConversationId) => boolean
  readonly draft: (id: ConversationId) => string
}

/** The list of conversations, latest activity first. */
export interface ConversationList {
  read(): readonly ConversationSummary[]
  /** A line is not what it was. */
  changed(id: ConversationId): void
}

/** Only lines that changed are made anew, so that a list of thousands costs little. */
export function createConversationList(deps: ListDependencies): ConversationList {
  const lines = new Map<ConversationId, ConversationSummary>()
  const lineOf = (conversation: ConversationRecord) => {
    const known = lines.get(conversation.id)
    if (known) return known
    const line = summaryOf(deps, conversation)
    if (line) lines.set(conversation.id, line)
    return line
  }
  return {
    read: () => {
      const all = [...deps.conversations.all()].map(lineOf)
      const known = all.filter((line) => line !== undefined)
      return known.sort((one, other) => other.updatedAt - one.updatedAt)
    },
    changed: (id) => {
      lines.delete(id)
    },
  }
}

/** Undefined while the other person's record is not here, and for a request of an account that is gone. */
function summaryOf(
  deps: ListDependencies,
  conversation: ConversationRecord,
): ConversationSummary | undefined {
  const { id, protocol, unread } = conversation
  const contact = deps.contacts.get(conversation.peer)
  const peer = contact && contactView(contact, deps.looksLike(contact))
  const state = stateOf(conversation)
  if (!peer || (state === 'ended' && conversation.mine === 'requested')) return undefined
  // A message that was accepted further up is not the last one.
  const written = deps
    .outbox(id)
    .findLast(({ accepted }) => !accepted || accepted.seq > conversation.newest)
  return {
    id,
    protocol,
    peer,
    state,
    last: written ? { text: written.text, mine: true, at: written.writtenAt } : conversation.last,
    lastStatus: lastStatusOf(conversation, written),
    unread,
    typing: deps.isTyping(id),
    updatedAt: Math.max(conversation.updatedAt, written?.writtenAt ?? 0),
    draft: deps.draft(id),
  }
}

function lastStatusOf(conversation: ConversationRecord, written: OutboxItem | undefined) {
  if (written) {
    return written.accepted ? statusAt(conversation, written.accepted.seq) : written.state
  }
  return conversation.last?.mine ? statusAt(conversation, conversation.lastShownSeq) : null
}
