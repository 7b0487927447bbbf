import { type Conversation, type ConversationId, chatRequests } from '@sotto/wire'
import { ClientError, codeOf } from '../api/errors.ts'
import { cutFormerKeys } from '../contacts/pins/former-keys.ts'
import {
  type ConversationRecord,
  isAccepted,
  marksIn,
  othersIn,
  stateIn,
} from '../conversations/conversation-record.ts'
import type { ChangedConversation } from '../conversations/conversations.ts'
import { placesOf, readEntries } from '../conversations/log.ts'
import { cutAt } from '../conversations/log-window.ts'
import type { LostMessages } from '../conversations/lost-messages.ts'
import { withAside } from '../conversations/membership.ts'
import { cutReading } from '../conversations/reading.ts'
import type { Protocols } from '../protocols/port.ts'
import { type CatchUpDependencies, refreshConversation } from '../receiving/catch-up.ts'
import type { Outbox } from '../sending/outbox.ts'
import { remove } from '../storage/record-kind.ts'
import { entryAt, type LogEntry } from '../storage/records/log.ts'
import type { Change } from '../storage/storage.ts'
import { commonSeq } from './compare-logs.ts'
import { sealAgain } from './seal-again.ts'

export interface WindBackDependencies extends CatchUpDependencies {
  readonly outbox: Outbox
  readonly protocols: Protocols
  readonly lost: LostMessages
  /** The entries after `afterSeq` are no longer in this device's log. */
  readonly onCut: (id: ConversationId, afterSeq: number) => void
}

/**
 * Reconciles a conversation that was set aside with the log of a server that was wound back. Messages that this device
 * wrote and the server has lost go back into the outbox, with the same ids and counters; messages from others stay,
 * marked as lost, until their devices have done the same. `told` is the server's answer about the conversation, or
 * undefined if it doesn't know it.
 */
export async function windBack(
  deps: WindBackDependencies,
  id: ConversationId,
  told: Conversation | undefined,
): Promise<void> {
  const record = deps.conversations.load(id)
  if (!record.membership.aside) return
  const now = told ?? (await createAgain(deps, record))
  if (now === 'later') return
  if (now === 'never') {
    await deps.conversations.update(id, (conversation) => ({
      next: withAside(conversation, 'replaced'),
    }))
    return
  }
  const common = await commonSeq(deps, record, now)
  // First, because a former key isn't valid beyond the end of the remaining log.
  await endFormerKeys(deps, record, common)
  await deps.conversations.update(id, (conversation) =>
    cutAfter(deps, conversation, common, now.lastSeq),
  )
  await answerAgain(deps, record, now)
}

async function endFormerKeys(
  { contacts }: WindBackDependencies,
  conversation: ConversationRecord,
  common: number,
): Promise<void> {
  const { id, self } = conversation
  for (const accountId of [...othersIn(conversation), self]) {
    const contact = contacts.get(accountId)
    const formerKeys = contact && cutFormerKeys(contact.formerKeys, id, common)
    if (!contact || !formerKeys || formerKeys === contact.formerKeys) continue
    await contacts.update(accountId, { formerKeys, dirty: contact.kept })
  }
}

/**
 * A conversation that began after the backup is created again, under the same id, by the first side to return. `later`:
 * this side has not accepted it, or may not start it now. `never`: the other account is gone, or the two people have
 * another conversation.
 */
async function createAgain(
  deps: WindBackDependencies,
  conversation: ConversationRecord,
): Promise<Conversation | 'later' | 'never'> {
  if (!isAccepted(conversation)) return 'later'
  const { id, membership } = conversation
  const body = { id, protocol: membership.protocol, participants: othersIn(conversation) }
  try {
    return (await deps.call(chatRequests.createConversation, { body })).conversation
  } catch (error) {
    switch (codeOf(error)) {
      case 'conversation_exists':
        if (!isAbout(error, id)) return 'never'
        return (await deps.call(chatRequests.getConversation, { params: { conversationId: id } }))
          .conversation
      case 'account_not_found':
        return 'never'
      case 'rate_limited':
      case 'conversation_closed':
        return 'later'
      default:
        throw error
    }
  }
}

/** Whether the existing conversation is this one. */
function isAbout(error: unknown, id: ConversationId): boolean {
  return error instanceof ClientError && error.details?.conversationId === id
}

/** Repeats an answer that the server has lost, so that nobody is asked twice or has to be blocked again. */
async function answerAgain(
  deps: WindBackDependencies,
  conversation: ConversationRecord,
  { participants }: Conversation,
): Promise<void> {
  const { id, self } = conversation
  const own = stateIn(conversation, self)
  const told = participants.find(({ accountId }) => accountId === self)?.state
  const isLost = told === 'requested' || own === 'blocked'
  if (!isLost || own === told || own === 'requested') return
  const params = { conversationId: id }
  await deps.call(chatRequests.answerConversation, { params, body: { state: own } })
  await refreshConversation(deps, id)
}

async function cutAfter(
  deps: WindBackDependencies,
  conversation: ConversationRecord,
  common: number,
  lastSeq: number,
): Promise<ChangedConversation> {
  const { storage, outbox, lost } = deps
  const { id, self, window } = conversation
  const { first, newest } = window
  const entries = await readEntries(storage, id, Math.max(common + 1, first), newest)
  const messages = entries.filter((entry) => entry.kind === 'message')
  const { items, next } = await sealAgain(
    deps,
    cutRecord(conversation, entries, { common, lastSeq }),
    {
      before: conversation,
      messages,
    },
  )
  const again = new Set(items.map(({ envelope }) => envelope.id))
  // Unopened envelopes are kept, too: the server can't remove anything that is stored here.
  const isKept = (entry: LogEntry) => entry.kind !== 'unreadable' || entry.envelope !== null
  const others = entries.filter((entry) => isKept(entry) && !again.has(entry.id))
  const { readSeq } = marksIn(conversation, self)
  const wasRead = (entry: LogEntry) =>
    entry.seq <= readSeq || (entry.kind !== 'advanced' && entry.wasRead === true)
  const steps = [
    outbox.putBack(next, items),
    lost.add(
      id,
      common,
      others.map((entry) => ({ entry, wasRead: wasRead(entry) })),
    ),
  ]
  return {
    next,
    more: [...entries.flatMap((entry) => removed(id, entry)), ...steps.flatMap((s) => s.changes)],
    stored: () => {
      for (const step of steps) step.stored()
      deps.onCut(id, common)
    },
  }
}

function removed(id: ConversationId, entry: LogEntry): Change[] {
  const changes = [remove(entryAt(id, entry.seq))]
  if (entry.kind !== 'message') return changes
  return [...changes, ...placesOf(id, entry).map(remove)]
}

function cutRecord(
  conversation: ConversationRecord,
  entries: readonly LogEntry[],
  { common, lastSeq }: { common: number; lastSeq: number },
): ConversationRecord {
  const { self, window, reading, summary, keyChanges } = withAside(conversation, null)
  const upTo = (seq: number) => Math.min(seq, common)
  const marksDue = reading.marksDue || window.newest > 0
  return {
    ...withAside(conversation, null),
    window: cutAt(window, common, lastSeq),
    reading: { ...cutReading(reading, entries, { common, self }), marksDue },
    summary: { ...summary, lastShownSeq: upTo(summary.lastShownSeq) },
    keyChanges: keyChanges.map((change) => ({ ...change, afterSeq: upTo(change.afterSeq) })),
  }
}
