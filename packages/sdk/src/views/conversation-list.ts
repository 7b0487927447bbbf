import type { ConversationId } from '@sotto/wire'
import type { ConversationSummary, ParticipantView } from '../api/views.ts'
import { type Contacts, contactView } from '../contacts/contacts.ts'
import { previewOf, readContent } from '../content/content.ts'
import { type ConversationRecord, othersIn, stateIn } from '../conversations/conversation-record.ts'
import { stateOf, statusAt } from '../conversations/conversation-state.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { OutboxItem } from '../storage/records/log.ts'

/** The other data that a line of the list shows. */
export interface ListDependencies {
  readonly conversations: Conversations
  readonly contacts: Contacts
  readonly outbox: (id: ConversationId) => readonly OutboxItem[]
  readonly looksLike: (contact: ContactRecord) => string | null
  readonly isTyping: (id: ConversationId) => boolean
  readonly draft: (id: ConversationId) => string
}

/** The conversation list, latest activity first. */
export interface ConversationList {
  read(): readonly ConversationSummary[]
  /** A line has changed. */
  changed(id: ConversationId): void
}

/** Only changed lines are rebuilt, so that a list of thousands costs little. */
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

/** Undefined until a participant's record is here, and for a request from an account that was removed. */
function summaryOf(
  deps: ListDependencies,
  conversation: ConversationRecord,
): ConversationSummary | undefined {
  const { id, self, membership, window, summary, reading } = conversation
  const participants = participantsOf(deps, conversation)
  const state = stateOf(conversation)
  const isLostRequest = state === 'ended' && stateIn(conversation, self) === 'requested'
  if (participants.length === 0 || isLostRequest) return undefined
  // A message that was accepted further up isn't the last one.
  const written = deps
    .outbox(id)
    .findLast(({ accepted }) => !accepted || accepted.seq > window.newest)
  return {
    id,
    protocol: membership.protocol,
    participants,
    state,
    last: lastOf(conversation, written),
    lastStatus: lastStatusOf(conversation, written),
    unread: reading.unread,
    typing: deps.isTyping(id),
    updatedAt: Math.max(summary.updatedAt, written?.writtenAt ?? 0),
    draft: deps.draft(id),
  }
}

/** The other participants whose records are here. */
function participantsOf(deps: ListDependencies, conversation: ConversationRecord) {
  return othersIn(conversation).flatMap((accountId): ParticipantView[] => {
    const contact = deps.contacts.get(accountId)
    const view = contact && contactView(contact, deps.looksLike(contact))
    const participant = conversation.membership.participants[accountId]
    return view && participant ? [{ ...view, ...participant }] : []
  })
}

function lastOf(
  { self, summary: { last } }: ConversationRecord,
  written: OutboxItem | undefined,
): ConversationSummary['last'] {
  const shown = written ? { content: written.content, sender: self, at: written.writtenAt } : last
  if (!shown) return null
  const { content, sender, at } = shown
  const opened = readContent(content)
  return { content: opened, text: previewOf(opened), sender, mine: sender === self, at }
}

function lastStatusOf(conversation: ConversationRecord, written: OutboxItem | undefined) {
  if (written) {
    return written.accepted ? statusAt(conversation, written.accepted.seq) : written.state
  }
  const { self, summary } = conversation
  return summary.last?.sender === self ? statusAt(conversation, summary.lastShownSeq) : null
}
