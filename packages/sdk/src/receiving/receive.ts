import { type ConversationId, chatRequests, MAX_PAGE, type StoredEnvelope } from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import { ClientError } from '../api/errors.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import type { ChangedConversation, Conversations } from '../conversations/conversations.ts'
import { withAllSpent } from '../conversations/counters.ts'
import { checkReplays, grown, readEntries, TIMELINE_PAGE } from '../conversations/log.ts'
import { withUnopened } from '../conversations/log-window.ts'
import type { LostMessages } from '../conversations/lost-messages.ts'
import { summarize } from '../conversations/summary.ts'
import { createSerialBy } from '../scheduling/serial.ts'
import type { Outbox } from '../sending/outbox.ts'
import { entryAt, type LogEntry, type OpenedEntry } from '../storage/records/log.ts'
import type { OpenEnvelopes } from './open-envelopes.ts'

/**
 * Brings envelopes from the log of the server into the log of this device: in the order of `seq`, each
 * once, opened. The part that is here has no holes but those of the server's log, and ends with the
 * newest; it grows at its end when something comes and at its beginning when somebody scrolls up.
 */
export interface Receive {
  /** Appends pushed envelopes: a hint, in any order, perhaps with holes and repetitions. */
  pushed(id: ConversationId, envelopes: readonly StoredEnvelope[]): Promise<void>
  /**
   * Reads the log as far as it goes. Of a conversation that is new here only the last envelope is
   * taken, if it is given: the rest is read when somebody looks.
   */
  catchUp(id: ConversationId, last: StoredEnvelope | null): Promise<void>
  /** The server accepted a message of this device. */
  accepted(id: ConversationId, entry: Accepted): Promise<void>
  fetchOlder(id: ConversationId): Promise<void>
  /** Tries again what did not open, after more is known. */
  retryUnopened(id: ConversationId): Promise<void>
}

/** The fate of an outbox item. */
export interface Accepted {
  readonly id: StoredEnvelope['id']
  readonly seq: number
  readonly acceptedAt: number
}

export interface ReceiveDependencies extends UnlockedContext {
  readonly conversations: Conversations
  readonly outbox: Outbox
  readonly lost: LostMessages
  readonly open: OpenEnvelopes
  /** Entries were stored, at the end or in place of others. */
  readonly onStored: (id: ConversationId, entries: readonly LogEntry[]) => void
  /** The server's log goes further than the one here. */
  readonly onBehind: (id: ConversationId) => void
}

export function createReceive(deps: ReceiveDependencies): Receive {
  const { conversations } = deps
  // Reading and opening may wait for the network; writing messages must not wait for it.
  const reading = createSerialBy<ConversationId>()

  /** Reads into a log that is known to be the server's. */
  const intoLog = (id: ConversationId, read: () => Promise<void>) =>
    reading(id, async () => {
      if (!conversations.load(id).membership.aside) await read()
    })

  const readOn = async (id: ConversationId) => {
    for (;;) {
      const { newest } = conversations.load(id).window
      const query = newest > 0 ? { after: newest, limit: MAX_PAGE } : { limit: TIMELINE_PAGE }
      const page = await readPage(deps, id, query)
      const [oldest] = page
      if (!oldest) return
      if (oldest.seq <= newest) throw new ClientError('untrusted_answer')
      await append(deps, id, page, newest || oldest.seq - 1)
      if (newest === 0 || page.length < MAX_PAGE) return
    }
  }

  return {
    pushed: (id, envelopes) =>
      intoLog(id, async () => {
        const { newest } = conversations.load(id).window
        const fresh = sorted(envelopes).filter(({ seq }) => seq > newest)
        const from = fresh[0]?.seq
        if (from === undefined) return
        const run = withoutHole(fresh)
        if (from === newest + 1) await append(deps, id, run, newest)
        if (from !== newest + 1 || run.length < fresh.length) await readOn(id)
      }),
    catchUp: (id, last) =>
      intoLog(id, async () => {
        const { newest, lastSeq } = conversations.load(id).window
        const isNext = last && (newest === 0 || last.seq === newest + 1)
        if (isNext) await append(deps, id, [last], last.seq - 1)
        else if (newest < lastSeq) await readOn(id)
      }),
    accepted: (id, accepted) => appendAccepted(deps, id, accepted),
    fetchOlder: (id) =>
      intoLog(id, async () => {
        const { first } = conversations.load(id).window
        if (first <= 1) return
        const page = await readPage(deps, id, { before: first, limit: TIMELINE_PAGE })
        const newest = page.at(-1)
        if (!newest || newest.seq >= first) throw new ClientError('untrusted_answer')
        await prepend(deps, id, page)
      }),
    retryUnopened: (id) => reading(id, () => retryUnopened(deps, id)),
  }
}

type LogQuery = { after: number; limit: number } | { before?: number; limit: number }

/**
 * A page as the server should give it: envelopes of this conversation in their order. A number that is
 * missing in the log itself will not come any more; the counters tell whether a message is missing.
 */
async function readPage({ call }: UnlockedContext, id: ConversationId, query: LogQuery) {
  const { envelopes } = await call(chatRequests.readLog, { params: { conversationId: id }, query })
  const isInOrder = envelopes.every(({ seq }, i) => seq > (envelopes[i - 1]?.seq ?? 0))
  const isOfThis = envelopes.every(({ conversationId }) => conversationId === id)
  if (!isInOrder || !isOfThis) throw new ClientError('untrusted_answer')
  return envelopes
}

function sorted(envelopes: readonly StoredEnvelope[]): StoredEnvelope[] {
  const bySeq = new Map(envelopes.map((envelope) => [envelope.seq, envelope]))
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq)
}

/** The envelopes up to the first that does not follow the one before it. */
function withoutHole(envelopes: readonly StoredEnvelope[]): StoredEnvelope[] {
  const start = envelopes[0]?.seq ?? 0
  const end = envelopes.findIndex(({ seq }, i) => seq !== start + i)
  return end < 0 ? [...envelopes] : envelopes.slice(0, end)
}

/** Adds envelopes, which are all that the log holds after `after` up to the last of them. */
async function append(
  deps: ReceiveDependencies,
  id: ConversationId,
  envelopes: readonly StoredEnvelope[],
  after: number,
): Promise<void> {
  for (let isOvertaken = true; isOvertaken; ) {
    const before = deps.conversations.load(id)
    const opened = await deps.open(before, envelopes)
    await deps.conversations.update(id, (conversation) => {
      // A message was sealed meanwhile: what was opened followed an older state of the protocol.
      isOvertaken = conversation.protocolState !== before.protocolState
      // A message of our own may have been added meanwhile, from its verdict.
      const { newest } = conversation.window
      const entries = opened.entries.filter(({ seq }) => seq > newest)
      const isNext = !conversation.membership.aside && (newest === 0 || newest >= after)
      if (isOvertaken || !isNext || entries.length === 0) return undefined
      return appended(deps, withProtocolChanges(conversation, before, opened.next), entries)
    })
  }
}

/** The conversation with the state and the participants that opening envelopes led to. */
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
  const { entries, repeated, changes } = await checkReplays(storage, id, opened)
  const next = grown(conversation, entries, me().deviceId)
  const arrived = outbox.arrived(next, entries)
  const returned = lost.returned(next, entries)
  const unread = Math.max(0, next.reading.unread - returned.read)
  return {
    next: {
      ...next,
      counters: withAllSpent(next.counters, arrived.spent, me().deviceId),
      reading: { ...next.reading, unread },
    },
    more: [...changes, ...arrived.changes, ...returned.changes],
    stored: () => {
      arrived.stored()
      returned.stored()
      deps.onStored(id, [...repeated, ...entries])
    },
  }
}

/** The own message takes its place in the log at once, without waiting for its way back. */
async function appendAccepted(
  deps: ReceiveDependencies,
  id: ConversationId,
  { id: message, seq, acceptedAt }: Accepted,
): Promise<void> {
  await deps.conversations.update(id, (conversation) => {
    const item = deps.outbox.find(id, message)
    if (!item || conversation.membership.aside) return undefined
    const { window } = conversation
    // Only the log tells which sealing was accepted, if there were several.
    if (seq !== window.newest + 1 || item.wasSealedBefore) {
      // It stays until the log shows it: the server's word alone removes nothing.
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

async function prepend(
  deps: ReceiveDependencies,
  id: ConversationId,
  envelopes: readonly StoredEnvelope[],
): Promise<void> {
  const opened = await deps.open(deps.conversations.load(id), envelopes)
  await deps.conversations.update(id, async (conversation) => {
    const last = envelopes.at(-1)?.seq ?? 0
    // The log was cut meanwhile: these do not belong before what is here now.
    if (conversation.membership.aside || conversation.window.first <= last) return undefined
    const { entries, repeated, changes } = await checkReplays(deps.storage, id, opened.entries)
    const unopened = withUnopened(conversation.window.unopened, entries)
    const first = entries[0]?.seq ?? conversation.window.first
    const next = { ...conversation, window: { ...conversation.window, first, unopened } }
    const arrived = deps.outbox.arrived(next, entries)
    const returned = deps.lost.returned(next, entries)
    return {
      next: { ...next, counters: withAllSpent(next.counters, arrived.spent, deps.me().deviceId) },
      more: [...changes, ...arrived.changes, ...returned.changes],
      stored: () => {
        arrived.stored()
        returned.stored()
        deps.onStored(id, [...repeated, ...entries])
      },
    }
  })
}

async function retryUnopened(deps: ReceiveDependencies, id: ConversationId): Promise<void> {
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
    // The log may have been cut meanwhile, and have something else in that place.
    const closed = await stillClosed(deps, id, nowOpen)
    if (closed.length === 0) return undefined
    const { entries, repeated, changes } = await checkReplays(deps.storage, id, closed)
    const returned = deps.lost.returned(conversation, entries)
    const { window } = conversation
    return {
      next: {
        ...conversation,
        window: { ...window, unopened: withUnopened(window.unopened, entries) },
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
