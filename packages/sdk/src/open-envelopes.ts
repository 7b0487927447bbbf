import { hashCiphertext } from '@sotto/crypto'
import type { AccountId, StoredEnvelope } from '@sotto/wire'
import type { Contacts } from './contacts.ts'
import { ClientError, mayPass } from './errors.ts'
import { isBack, type LostMessages } from './lost-messages.ts'
import type { MessageKeys } from './message-keys.ts'
import { type OpenedEnvelope, openEnvelope } from './open-envelope.ts'
import { isEntryOf, type Outbox } from './outbox.ts'
import {
  type ConversationRecord,
  discardedAt,
  type LogEntry,
  load,
  type OpenedEntry,
  seenMessageAt,
} from './stored.ts'
import type { TalkContext } from './talk-context.ts'

export interface OpeningDependencies extends Pick<TalkContext, 'storage' | 'me'> {
  readonly contacts: Contacts
  readonly keys: MessageKeys
  readonly outbox: Outbox
  readonly lost: LostMessages
  /** An own message names a manifest that is newer than the one this device knows. */
  readonly manifestSeen: (version: number) => void
  /** Reports a failure that no command waits for. */
  readonly failed: (error: unknown) => void
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
  /** The newest record of each account that a message named and that was asked for. */
  const asked = new Map<AccountId, number>()

  return async (conversation, envelopes) => {
    await deps.contacts.ensure(conversation.peer)
    const openAll = () => Promise.all(envelopes.map((one) => openOne(deps, conversation, one)))
    const ask = (news: Map<AccountId, number>) =>
      Promise.all([...news].map(([id, version]) => askFor(deps, id, version)))

    let opened = await openAll()
    const lacking = lackingKeys(deps, conversation, opened)
    if (lacking.size > 0) {
      await ask(lacking)
      opened = await openAll()
    }
    await ask(newerRecords(deps, conversation, opened, asked))
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
  { me }: OpeningDependencies,
  { peer, protocol }: ConversationRecord,
  opened: readonly OpenedEnvelope[],
): Map<AccountId, number> {
  const lacking = opened.filter(({ entry }) => lacksKeys(entry, protocol))
  return new Map(lacking.map(({ entry }) => [entry.mine ? me().accountId : peer, 0]))
}

/** The accounts whose messages name a newer record than the server has shown, with its version. */
function newerRecords(
  { contacts, me }: OpeningDependencies,
  { peer }: ConversationRecord,
  opened: readonly OpenedEnvelope[],
  asked: Map<AccountId, number>,
): Map<AccountId, number> {
  const news = new Map<AccountId, number>()
  for (const { entry, versions } of opened) {
    const sender = entry.mine ? me().accountId : peer
    const claimed = versions?.record ?? 0
    const known = Math.max(contacts.get(sender)?.recordVersion ?? 0, asked.get(sender) ?? 0)
    if (claimed <= known) continue
    news.set(sender, claimed)
    asked.set(sender, claimed)
  }
  return news
}

/** Whether it may open with a device, or in `rsa` a key, that the server has not shown yet. */
function lacksKeys(entry: LogEntry, protocol: ConversationRecord['protocol']): boolean {
  if (entry.kind === 'message') return false
  return (
    entry.reason === 'unknown_device' || (protocol === 'rsa' && entry.reason === 'cannot_decrypt')
  )
}

async function askFor(deps: OpeningDependencies, id: AccountId, version: number): Promise<void> {
  try {
    const { recordVersion, changed } = await deps.contacts.fetch(id)
    // The sender has published that version, so the server is withholding it. A record under another key
    // comes after it, and waits for a decision.
    if (!changed && recordVersion < version) throw new ClientError('untrusted_answer')
  } catch (error) {
    if (!mayPass(error)) deps.failed(error)
  }
}

function noteManifest(deps: OpeningDependencies, opened: readonly OpenedEnvelope[]): void {
  const own = opened.filter(({ entry }) => entry.mine)
  const newest = Math.max(0, ...own.map(({ versions }) => versions?.manifest ?? 0))
  if (newest > deps.me().own.manifest.version) deps.manifestSeen(newest)
}
