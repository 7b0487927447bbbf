import { hashCiphertext } from '@sotto/crypto'
import type { AccountId, StoredEnvelope } from '@sotto/wire'
import type { TalkContext } from '../account/state/talk-context.ts'
import { ClientError } from '../api/errors.ts'
import type { Contacts } from '../contacts/contacts.ts'
import type { NamedRecords } from '../contacts/named-records.ts'
import { isBack, type LostMessages } from '../conversations/lost-messages.ts'
import type { MessageKeys } from '../protocols/message-keys.ts'
import { isEntryOf, type Outbox } from '../sending/outbox.ts'
import {
  type ConversationRecord,
  discardedAt,
  type LogEntry,
  load,
  type OpenedEntry,
  seenMessageAt,
} from '../storage/stored.ts'
import { type OpenedEnvelope, openEnvelope } from './open-envelope.ts'

export interface OpeningDependencies extends Pick<TalkContext, 'storage' | 'me'> {
  readonly contacts: Contacts
  readonly keys: MessageKeys
  readonly outbox: Outbox
  readonly lost: LostMessages
  /** An own message names a manifest that is newer than the one this device knows. */
  readonly manifestSeen: (version: number) => void
  readonly records: NamedRecords
}

/** Opens envelopes of one conversation, in their order. */
export type OpenEnvelopes = (
  conversation: ConversationRecord,
  envelopes: readonly StoredEnvelope[],
) => Promise<LogEntry[]>

/**
 * Opens envelopes in parallel. An account is read again when a message needs it: for a device or key that
 * is not known here, or a record that is newer than the one the server has shown so far.
 */
export function createOpenEnvelopes(deps: OpeningDependencies): OpenEnvelopes {
  return async (conversation, envelopes) => {
    await deps.contacts.ensure(conversation.peer)
    const openAll = () => Promise.all(envelopes.map((one) => openOne(deps, conversation, one)))

    let opened = await openAll()
    const lacking = lackingKeys(deps, conversation, opened)
    if (lacking.size > 0) {
      await Promise.all([...lacking].map((id) => deps.records.ask(id)))
      opened = await openAll()
    }
    noteRecords(deps, conversation, opened)
    noteManifest(deps, opened)
    return opened.map(({ entry }) => entry)
  }
}

async function openOne(
  deps: OpeningDependencies,
  conversation: ConversationRecord,
  envelope: StoredEnvelope,
): Promise<OpenedEnvelope> {
  const { contacts, keys, me, outbox } = deps
  const self = contacts.get(me().accountId)
  const peer = contacts.get(conversation.peer)
  if (!self || !peer) throw new ClientError('internal')
  const own = outbox.opened(envelope)
  if (own) return { entry: own }
  const opened = await openEnvelope(keys, conversation, { me: me(), self, peer }, envelope)
  const { entry } = opened
  const isForeign =
    entry.kind === 'message' && (await claimsThisDevice(deps, conversation, entry, envelope))
  return isForeign ? { ...opened, entry: { ...entry, isForeign } } : opened
}

/**
 * Whether a message names this device as its sender although this device does not know it. In `ecdh` the
 * other side can forge such messages, also under the id of one that this device wrote. A device whose
 * storage was put back to an older copy sees its own messages this way.
 */
async function claimsThisDevice(
  { storage, me, outbox, lost }: OpeningDependencies,
  { id, counterOf, formerDevices = [] }: ConversationRecord,
  entry: OpenedEntry,
  envelope: StoredEnvelope,
): Promise<boolean> {
  const { mine, deviceId, id: message } = entry
  if (!mine || ![me().deviceId, counterOf, ...formerDevices].includes(deviceId)) return false
  const waiting = outbox.find(id, message)
  if (waiting) return !isEntryOf(waiting, entry)
  const gone = lost.find(id, message)
  if (gone) return !isBack(gone.entry, entry)
  const [seen, discarded] = await Promise.all([
    load(storage, seenMessageAt(id, message)),
    load(storage, discardedAt(id, message)),
  ])
  if (seen !== undefined) return false
  return discarded === undefined || discarded !== (await hashCiphertext(envelope.ciphertext))
}

/** The accounts to read again, because a device or key of theirs is not known here. */
function lackingKeys(
  deps: OpeningDependencies,
  conversation: ConversationRecord,
  opened: readonly OpenedEnvelope[],
): Set<AccountId> {
  const lacking = opened.filter(({ entry }) => lacksKeys(entry))
  return new Set(lacking.map(({ entry }) => senderOf(deps, conversation, entry)))
}

function noteRecords(
  deps: OpeningDependencies,
  conversation: ConversationRecord,
  opened: readonly OpenedEnvelope[],
): void {
  for (const { entry, versions } of opened) {
    if (versions) deps.records.named(senderOf(deps, conversation, entry), versions.record)
  }
}

/** Which account wrote an entry. */
function senderOf({ me }: OpeningDependencies, { peer }: ConversationRecord, entry: LogEntry) {
  return entry.mine ? me().accountId : peer
}

/**
 * Whether it may open with a device or a key that the server has not shown yet: a device keeps its id when the
 * keys of its account are renewed.
 */
function lacksKeys(entry: LogEntry): boolean {
  if (entry.kind === 'message') return false
  return entry.reason === 'unknown_device' || entry.reason === 'cannot_decrypt'
}

function noteManifest(deps: OpeningDependencies, opened: readonly OpenedEnvelope[]): void {
  const own = opened.filter(({ entry }) => entry.mine)
  const newest = Math.max(0, ...own.map(({ versions }) => versions?.manifest ?? 0))
  if (newest > deps.me().own.manifest.version) deps.manifestSeen(newest)
}
