import { safetyNumber as computeDigits, type FormerKey, safetyQr } from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import type { Me } from '../account/state/account-state.ts'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import type { SafetyNumber } from '../api/answers.ts'
import { ClientError } from '../api/errors.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { KeyChange } from '../storage/records/conversations.ts'
import { type Contacts, trustOf } from './contacts.ts'
import { endIn } from './pins/former-keys.ts'
import { isInDoubt, withAcceptedKey } from './pins/key-decisions.ts'

/** The dependencies of decisions about identity keys. */
export interface SafetyDependencies extends UnlockedContext {
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

/** Marks a decision of the person that the `contacts` box doesn't have yet. */
const DECIDED = { kept: true, dirty: true, isDecidedHere: true } as const

/** The key may have changed since the person looked at the number. */
async function refuseUnseen(me: Me, contact: ContactRecord, identityKey: string, seen: string) {
  if (seen === (await digitsWith(me, contact, identityKey))) return
  throw new ClientError('key_changed')
}

/**
 * Records that the person compared the number `seenDigits`. Throws `key_changed` if it isn't the number of the pinned
 * key.
 */
export async function setVerified(
  { contacts, me }: SafetyDependencies,
  accountId: AccountId,
  seenDigits: string,
): Promise<void> {
  const contact = await contacts.ensure(accountId)
  // The number that was compared belongs to a key that is no longer in use.
  if (contact.changed) throw new ClientError('key_changed')
  await refuseUnseen(me(), contact, contact.identityKey, seenDigits)
  // Another key may have been seen or adopted while the number was being computed.
  await contacts.update(accountId, { verified: true, ...DECIDED }, (now) => {
    const isOther = now.changed !== null || now.identityKey !== contact.identityKey
    if (isOther) throw new ClientError('key_changed')
  })
}

/** Withdraws the verification. */
export async function setUnverified(
  { contacts }: SafetyDependencies,
  accountId: AccountId,
): Promise<void> {
  await contacts.ensure(accountId)
  await contacts.update(accountId, { verified: false, ...DECIDED })
}

/**
 * Pins the new key. The old one stays valid only for messages that are in the logs now. Throws `key_changed` if
 * `seenDigits`, the number that was on screen, isn't the number of the new key.
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
  // Includes conversations that have appeared since the change was noticed.
  await noteKeyChanges(deps, accountId)
  const ends = endsWith(conversations, accountId)
  const { accountId: _, ...changes } = withAcceptedKey(contact, ends, now())
  await contacts.update(accountId, { ...changes, ...DECIDED })
}

/** How far the logs with a contact reach on this device: the key pinned now stays valid up to there. */
export function endsWith(conversations: Conversations, accountId: AccountId): FormerKey['ends'] {
  return conversations
    .with(accountId)
    .map(({ id, window }) => ({ conversation: id, seq: window.newest }))
}

/**
 * Shows each key change of a contact in its conversations: the pending one, and those that were accepted here or on
 * another of our devices.
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

/** A key that has signed the next one gets a notice even where a decision was pending before. */
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
