import { safetyNumber as computeDigits, type FormerKey, safetyQr } from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import type { Me } from '../account/state/account-state.ts'
import type { TalkContext } from '../account/state/talk-context.ts'
import type { SafetyNumber } from '../api/commands.ts'
import { ClientError } from '../api/errors.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { KeyChange } from '../storage/records/conversations.ts'
import { type Contacts, trustOf } from './contacts.ts'
import { isInDoubt, withAcceptedKey } from './pins/contact-pins.ts'
import { endIn } from './pins/former-keys.ts'

/** What the decisions about identity keys work with. */
export interface SafetyDependencies extends TalkContext {
  readonly contacts: Contacts
  readonly conversations: Conversations
}

export async function safetyNumber(
  { contacts, me }: SafetyDependencies,
  accountId: AccountId,
): Promise<SafetyNumber> {
  const contact = await contacts.ensure(accountId)
  const digits = await digitsWith(me(), contact, contact.identityKey)
  const changed = isInDoubt(contact) ? contact.changed : null
  return {
    digits,
    qr: safetyQr(digits),
    trust: trustOf(contact),
    changedDigits: changed && (await digitsWith(me(), contact, changed.record.identityKey)),
  }
}

async function digitsWith(me: Me, { accountId }: ContactRecord, identityKey: string) {
  const own = { account: me.accountId, identityKey: me.own.record.identityKey }
  return computeDigits(own, { account: accountId, identityKey })
}

/** Marks a decision of the person that the `contacts` box does not have yet. */
const DECIDED = { kept: true, dirty: true, isDecidedHere: true } as const

/** The key may have become another one since the person looked at the number. */
async function refuseUnseen(me: Me, contact: ContactRecord, identityKey: string, seen: string) {
  if (seen === (await digitsWith(me, contact, identityKey))) return
  throw new ClientError('key_changed')
}

/**
 * Records that the person compared the number `seenDigits`. Throws `key_changed` when that is not the
 * number of the key that is pinned now.
 */
export async function setVerified(
  { contacts, me }: SafetyDependencies,
  accountId: AccountId,
  seenDigits: string,
): Promise<void> {
  const contact = await contacts.ensure(accountId)
  // The number that was compared is that of a key which is no longer in use.
  if (contact.changed) throw new ClientError('key_changed')
  await refuseUnseen(me(), contact, contact.identityKey, seenDigits)
  // Another key may have been seen or taken over while the number was computed.
  await contacts.update(accountId, { verified: true, ...DECIDED }, (now) => {
    const isOther = now.changed !== null || now.identityKey !== contact.identityKey
    if (isOther) throw new ClientError('key_changed')
  })
}

/** Takes back that the number was compared. */
export async function setUnverified(
  { contacts }: SafetyDependencies,
  accountId: AccountId,
): Promise<void> {
  await contacts.ensure(accountId)
  await contacts.update(accountId, { verified: false, ...DECIDED })
}

/**
 * Pins the new key. The old one counts only for messages that are in the logs now. Throws `key_changed` when
 * `seenDigits`, the number that was on the screen, is not the number of the key that is there now.
 */
export async function acceptChangedKey(
  deps: SafetyDependencies,
  accountId: AccountId,
  seenDigits: string,
): Promise<void> {
  const { contacts, conversations, me, now } = deps
  const contact = contacts.get(accountId)
  if (!contact?.changed) return
  await refuseUnseen(me(), contact, contact.changed.record.identityKey, seenDigits)
  // Also in conversations that have turned up since the change was noticed.
  await noteKeyChanges(deps, accountId)
  const ends = endsWith(conversations, accountId)
  const { accountId: _, ...changes } = withAcceptedKey(contact, ends, now())
  await contacts.update(accountId, { ...changes, ...DECIDED })
}

/** How far the logs with a contact are here: up to there the key that is pinned now goes on to count. */
export function endsWith(conversations: Conversations, accountId: AccountId): FormerKey['ends'] {
  return conversations
    .with(accountId)
    .map(({ id, window }) => ({ conversation: id, seq: window.newest }))
}

/**
 * Shows each key change of a contact in its conversations: the one that waits for a decision, and those
 * that were accepted, here or on another own device.
 */
export async function noteKeyChanges(
  { contacts, conversations }: Pick<SafetyDependencies, 'contacts' | 'conversations'>,
  accountId: AccountId,
): Promise<void> {
  const contact = contacts.get(accountId)
  if (!contact) return
  for (const { id } of conversations.with(accountId)) {
    await conversations.update(id, (conversation) => {
      const missing = missingNotices(contact, conversation)
      if (missing.length === 0) return undefined
      return { next: { ...conversation, keyChanges: [...conversation.keyChanges, ...missing] } }
    })
  }
}

/** Of a key that has signed for the next one it is told also where it was a question before. */
function isNoticeOf({ replaced, renewed }: KeyChange, former: FormerKey): boolean {
  return replaced === former.identityKey && (!former.renewed || renewed !== undefined)
}

function missingNotices(
  contact: ContactRecord,
  { id, keyChanges, window }: ConversationRecord,
): KeyChange[] {
  const { accountId, identityKey, formerKeys, changedAt, verified } = contact
  const trust = verified ? 'verified' : 'unverified'
  const accepted = formerKeys
    .filter((former) => former.ends.some(({ conversation }) => conversation === id))
    .filter((former) => !keyChanges.some((noted) => isNoticeOf(noted, former)))
    .map((former) => ({
      accountId,
      afterSeq: endIn(former, id),
      at: former.replacedAt,
      replaced: former.identityKey,
      ...(former.renewed && ({ renewed: trust } as const)),
    }))
  if (!isInDoubt(contact) || changedAt === null) return accepted
  const isNoted = keyChanges.some(
    ({ replaced, at }) => replaced === identityKey && at === changedAt,
  )
  return isNoted
    ? accepted
    : [...accepted, { accountId, afterSeq: window.newest, at: changedAt, replaced: identityKey }]
}
