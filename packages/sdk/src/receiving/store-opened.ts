import type { ConversationId, StoredEnvelope } from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import type { ChangedConversation, Conversations } from '../conversations/conversations.ts'
import { withAllSpent } from '../conversations/counters.ts'
import { checkReplays, grown, readEntries } from '../conversations/log.ts'
import { withUnopened } from '../conversations/log-window.ts'
import type { LostMessages } from '../conversations/lost-messages.ts'
import { withoutRead } from '../conversations/reading.ts'
import { summarize } from '../conversations/summary.ts'
import { countUnread } from '../conversations/unread.ts'
import type { Outbox } from '../sending/outbox.ts'
import { entryAt, type LogEntry, type OpenedEntry } from '../storage/records/log.ts'
import type { OpenEnvelopes } from './open-envelopes.ts'

export interface ReceiveDependencies extends UnlockedContext {
  readonly conversations: Conversations
  readonly outbox: Outbox
  readonly lost: LostMessages
  readonly open: OpenEnvelopes
  /** Entries were stored, at the end or in place of others. */
  readonly onStored: (id: ConversationId, entries: readonly LogEntry[]) => void
  /** The server's log is longer than the one here. */
  readonly onBehind: (id: ConversationId) => void
}

/** The verdict that a message from the outbox was accepted. */
export interface Accepted {
  readonly id: StoredEnvelope['id']
  readonly seq: number
  readonly acceptedAt: number
}

/** Appends envelopes: everything that the log has after `after`, up to the last of them. */
export async function append(
  deps: ReceiveDependencies,
  id: ConversationId,
  envelopes: readonly StoredEnvelope[],
  after: number,
): Promise<void> {
  for (let isOvertaken = true; isOvertaken; ) {
    const before = deps.conversations.load(id)
    const opened = await deps.open(before, envelopes)
    await deps.conversations.update(id, (conversation) => {
      // A message was sealed meanwhile, so these were opened with an outdated state of the protocol.
      isOvertaken = conversation.protocolState !== before.protocolState
      // One of our messages may have been added meanwhile, by its verdict.
      const { newest } = conversation.window
      const entries = opened.entries.filter(({ seq }) => seq > newest)
      const isNext = !conversation.membership.aside && (newest === 0 || newest >= after)
      if (isOvertaken || !isNext || entries.length === 0) return undefined
      return appended(deps, withProtocolChanges(conversation, before, opened.next), entries)
    })
  }
}

/** The conversation with the protocol state and participants that result from opening envelopes. */
function withProtocolChanges(
  conversation: ConversationRecord,
  before: ConversationRecord,
  opened: ConversationRecord,
): ConversationRecord {
  if (opened === before) return conversation
  const { participants } = opened.membership
  const isSame = participants === before.membership.participants
  const membership = isSame ? conversation.membership : { ...conversation.membership, participants }
  return { ...conversation, membership, protocolState: opened.protocolState }
}

async function appended(
  deps: ReceiveDependencies,
  conversation: ConversationRecord,
  opened: readonly LogEntry[],
): Promise<ChangedConversation> {
  const { storage, outbox, lost, me } = deps
  const { id } = conversation
  const recognized = lost.recognized(id, opened)
  const { entries, repeated, changes } = await checkReplays(storage, id, recognized)
  const next = grown(conversation, entries, me().deviceId)
  const arrived = outbox.arrived(next, entries)
  const returned = lost.returned(id, entries)
  return {
    next: { ...next, counters: withAllSpent(next.counters, arrived.spent, me().deviceId) },
    more: [...changes, ...arrived.changes, ...returned.changes],
    stored: () => {
      arrived.stored()
      returned.stored()
      deps.onStored(id, [...repeated, ...entries])
    },
  }
}

/** Adds our message to the log immediately, without waiting for it to be pushed. */
export async function appendAccepted(
  deps: ReceiveDependencies,
  id: ConversationId,
  { id: message, seq, acceptedAt }: Accepted,
): Promise<void> {
  await deps.conversations.update(id, (conversation) => {
    const item = deps.outbox.find(id, message)
    if (!item || conversation.membership.aside) return undefined
    const { window } = conversation
    // If the message was sealed several times, only the log shows which one was accepted.
    if (seq !== window.newest + 1 || item.wasSealedBefore) {
      // It stays in the outbox until the log shows it: the server's word alone removes nothing.
      const { changes, stored } = deps.outbox.accepted(item, { seq, at: acceptedAt })
      const lastSeq = Math.max(window.lastSeq, seq)
      if (lastSeq > window.newest) deps.onBehind(id)
      return { next: { ...conversation, window: { ...window, lastSeq } }, more: changes, stored }
    }
    const entry: OpenedEntry = {
      kind: 'message',
      seq,
      id: message,
      sender: conversation.self,
      deviceId: item.deviceId,
      counter: item.counter,
      skipped: item.skipped,
      content: item.content,
      at: acceptedAt,
      writtenTo: item.writtenTo,
    }
    return appended(deps, conversation, [entry])
  })
}

export async function prepend(
  deps: ReceiveDependencies,
  id: ConversationId,
  envelopes: readonly StoredEnvelope[],
): Promise<void> {
  const opened = await deps.open(deps.conversations.load(id), envelopes)
  await deps.conversations.update(id, async (conversation) => {
    const last = envelopes.at(-1)?.seq ?? 0
    // The log was cut meanwhile, so these don't belong before its current beginning.
    if (conversation.membership.aside || conversation.window.first <= last) return undefined
    const recognized = deps.lost.recognized(id, opened.entries)
    const { entries, repeated, changes } = await checkReplays(deps.storage, id, recognized)
    const unopened = withUnopened(conversation.window.unopened, entries)
    const first = entries[0]?.seq ?? conversation.window.first
    const next = { ...conversation, window: { ...conversation.window, first, unopened } }
    const arrived = deps.outbox.arrived(next, entries)
    const returned = deps.lost.returned(id, entries)
    const reading = withoutRead(next.reading, entries, next.self)
    const unread = await countUnread(deps.storage, { ...next, reading }, entries)
    return {
      next: {
        ...next,
        counters: withAllSpent(next.counters, arrived.spent, deps.me().deviceId),
        reading: { ...reading, unread },
      },
      more: [...changes, ...arrived.changes, ...returned.changes],
      stored: () => {
        arrived.stored()
        returned.stored()
        deps.onStored(id, [...repeated, ...entries])
      },
    }
  })
}

export async function retryUnopened(deps: ReceiveDependencies, id: ConversationId): Promise<void> {
  const before = deps.conversations.load(id)
  const { unopened } = before.window
  const [from, to] = [unopened[0], unopened.at(-1)]
  if (from === undefined || to === undefined) return
  const kept = await readEntries(deps.storage, id, from, to)
  const envelopes = kept.flatMap((entry) =>
    entry.kind === 'unreadable' && entry.envelope ? [entry.envelope] : [],
  )
  const opened = await deps.open(before, envelopes)
  const nowOpen = opened.entries.filter(({ kind }) => kind === 'message')
  if (nowOpen.length === 0) return
  await deps.conversations.update(id, async (conversation) => {
    // The log may have been cut meanwhile, and have other entries in these places.
    const closed = await stillClosed(deps, id, nowOpen)
    if (closed.length === 0) return undefined
    const recognized = deps.lost.recognized(id, closed)
    const { entries, repeated, changes } = await checkReplays(deps.storage, id, recognized)
    const returned = deps.lost.returned(id, entries)
    const { window, reading, self } = conversation
    return {
      next: {
        ...conversation,
        window: { ...window, unopened: withUnopened(window.unopened, entries) },
        reading: withoutRead(reading, entries, self),
        summary: summarize(conversation.summary, entries),
      },
      more: [...changes, ...returned.changes],
      stored: () => {
        returned.stored()
        deps.onStored(id, [...repeated, ...entries])
      },
    }
  })
}

async function stillClosed(
  { storage }: ReceiveDependencies,
  id: ConversationId,
  opened: readonly LogEntry[],
): Promise<LogEntry[]> {
  const found = await storage.loadMany(opened.map(({ seq }) => entryAt(id, seq)))
  return opened.filter((entry, i) => found[i]?.kind === 'unreadable' && found[i]?.id === entry.id)
}
