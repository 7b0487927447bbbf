import { hashCiphertext } from '@sotto/crypto'
import type { AccountId, StoredEnvelope } from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import { ClientError } from '../api/errors.ts'
import type { Contacts } from '../contacts/contacts.ts'
import type { NamedRecords } from '../contacts/named-records.ts'
import { type ConversationRecord, othersIn } from '../conversations/conversation-record.ts'
import { writersOf } from '../conversations/counters.ts'
import { isBack, type LostMessages } from '../conversations/lost-messages.ts'
import type { Protocols } from '../protocols/port.ts'
import { isEntryOf, type Outbox } from '../sending/outbox.ts'
import { recipientsIn } from '../sending/recipients.ts'
import {
  discardedAt,
  type LogEntry,
  type OpenedEntry,
  seenMessageAt,
} from '../storage/records/log.ts'
import { type OpenedEnvelope, openEnvelope } from './open-envelope.ts'

export interface OpeningDependencies extends Pick<UnlockedContext, 'storage' | 'me'> {
  readonly contacts: Contacts
  readonly protocols: Protocols
  readonly outbox: Outbox
  readonly lost: LostMessages
  /** One of our messages names a manifest newer than the one this device knows. */
  readonly onManifestSeen: (version: number) => void
  readonly records: NamedRecords
}

/** Entries for the log, and the conversation with the changes from opening them. */
export interface OpenedPart {
  readonly entries: readonly LogEntry[]
  readonly next: ConversationRecord
}

/** Opens the envelopes of one conversation, in order. */
export type OpenEnvelopes = (
  conversation: ConversationRecord,
  envelopes: readonly StoredEnvelope[],
) => Promise<OpenedPart>

/**
 * Opens envelopes in parallel, unless each needs the state that the previous one left. An account is re-read when a
 * message needs it: for an unknown device or key, or a record newer than what the server has shown so far.
 */
export function createOpenEnvelopes(deps: OpeningDependencies): OpenEnvelopes {
  return async (conversation, envelopes) => {
    const others = othersIn(conversation)
    await Promise.all(others.map((accountId) => deps.contacts.ensure(accountId)))

    let opened = await openAll(deps, conversation, envelopes)
    const lacking = new Set(opened.filter(({ entry }) => lacksKeys(entry)).map(senderOf))
    if (lacking.size > 0) {
      await Promise.all([...lacking].map((id) => deps.records.ask(id)))
      opened = await openAll(deps, conversation, envelopes)
    }
    for (const one of opened) {
      if (one.versions) deps.records.named(senderOf(one), one.versions.record)
    }
    noteManifest(deps, opened)
    const next = opened.findLast((one) => one.next)?.next ?? conversation
    return { entries: opened.map(({ entry }) => entry), next }
  }
}

async function openAll(
  deps: OpeningDependencies,
  conversation: ConversationRecord,
  envelopes: readonly StoredEnvelope[],
): Promise<OpenedEnvelope[]> {
  if (!deps.protocols[conversation.membership.protocol].isStateful) {
    return Promise.all(envelopes.map((envelope) => openOne(deps, conversation, envelope)))
  }
  const opened: OpenedEnvelope[] = []
  let now = conversation
  for (const envelope of envelopes) {
    const one = await openOne(deps, now, envelope)
    now = one.next ?? now
    opened.push(one)
  }
  return opened
}

async function openOne(
  deps: OpeningDependencies,
  conversation: ConversationRecord,
  envelope: StoredEnvelope,
): Promise<OpenedEnvelope> {
  const { contacts, protocols, me, outbox } = deps
  const self = contacts.get(me().accountId)
  const others = recipientsIn({ contacts }, conversation)
  if (!self || !others) throw new ClientError('internal')
  const own = outbox.opened(envelope)
  if (own) return { entry: own }
  const people = { me: me(), self, others }
  const opened = await openEnvelope(protocols, conversation, people, envelope)
  const { entry } = opened
  const isForeign =
    entry.kind === 'message' && (await claimsThisDevice(deps, conversation, entry, envelope))
  return isForeign ? { ...opened, entry: { ...entry, isForeign } } : opened
}

/**
 * Whether a message names this device as its sender although this device doesn't know it. In `ecdh` the other side can
 * forge such messages, even under the id of a message that this device wrote. A device whose storage was restored to an
 * older copy sees its own messages this way.
 */
async function claimsThisDevice(
  { storage, me, outbox, lost }: OpeningDependencies,
  { id, self, counters }: ConversationRecord,
  entry: OpenedEntry,
  envelope: StoredEnvelope,
): Promise<boolean> {
  const { sender, deviceId, id: message } = entry
  if (sender !== self || !writersOf(counters, me().deviceId).includes(deviceId)) return false
  const waiting = outbox.find(id, message)
  if (waiting) return !isEntryOf(waiting, entry)
  const gone = lost.find(id, message)
  if (gone) return !isBack(gone.entry, entry)
  const [seen, discarded] = await Promise.all([
    storage.load(seenMessageAt(id, message)),
    storage.load(discardedAt(id, message)),
  ])
  if (seen !== undefined) return false
  return discarded === undefined || discarded !== (await hashCiphertext(envelope.ciphertext))
}

/** The account that wrote an entry. */
function senderOf({ entry }: OpenedEnvelope): AccountId {
  return entry.sender
}

/**
 * Whether a device or key that the server hasn't shown yet may open it: a device keeps its id when its account renews
 * its keys.
 */
function lacksKeys(entry: LogEntry): boolean {
  if (entry.kind !== 'unreadable') return false
  return entry.reason === 'unknown_device' || entry.reason === 'cannot_decrypt'
}

function noteManifest(deps: OpeningDependencies, opened: readonly OpenedEnvelope[]): void {
  const { accountId } = deps.me()
  const own = opened.filter(({ entry }) => entry.sender === accountId)
  const newest = Math.max(0, ...own.map(({ versions }) => versions?.manifest ?? 0))
  if (newest > deps.me().own.manifest.version) deps.onManifestSeen(newest)
}
