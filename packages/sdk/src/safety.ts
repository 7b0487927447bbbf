import { safetyNumber as computeDigits, safetyQr } from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import type { Me } from './account-state.ts'
import type { SafetyNumber } from './api.ts'
import { withAcceptedKey } from './contact-pins.ts'
import { type Contacts, trustOf } from './contacts.ts'
import type { Conversations } from './conversations.ts'
import { ClientError } from './errors.ts'
import type { ContactRecord } from './stored.ts'
import type { TalkContext } from './talk-context.ts'

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
  const { changed } = contact
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

/** The key may have become another one since the person looked at the number. */
async function refuseUnseen(me: Me, contact: ContactRecord, identityKey: string, seen?: string) {
  if (seen === undefined || seen === (await digitsWith(me, contact, identityKey))) return
  throw new ClientError('key_changed')
}

/**
 * Keeps that the person compared the number, or takes it back. Throws `key_changed` when `seenDigits` is
 * not the number of the key that is pinned now.
 */
export async function setVerified(
  { contacts, me }: SafetyDependencies,
  accountId: AccountId,
  verified: boolean,
  seenDigits?: string,
): Promise<void> {
  const contact = await contacts.ensure(accountId)
  // The number that was compared is that of a key which is no longer in use.
  if (contact.changed && verified) throw new ClientError('key_changed')
  if (verified) await refuseUnseen(me(), contact, contact.identityKey, seenDigits)
  await contacts.update(accountId, { verified, kept: true, dirty: true })
}

/**
 * Pins the new key. From here on only what was in the log before may be from the old one. Throws
 * `key_changed` when `seenDigits` is the number of another key than the one that is there now.
 */
export async function acceptChangedKey(
  deps: SafetyDependencies,
  accountId: AccountId,
  seenDigits?: string,
): Promise<void> {
  const { contacts, conversations, me } = deps
  const contact = contacts.get(accountId)
  if (!contact?.changed) return
  await refuseUnseen(me(), contact, contact.changed.record.identityKey, seenDigits)
  // Also in conversations that have turned up since the change was noticed.
  await noteKeyChange(deps, accountId)
  for (const { id } of conversations.with(accountId)) {
    await conversations.update(id, (conversation) => {
      const keyChanges = conversation.keyChanges.map((change) => ({
        ...change,
        acceptedSeq: change.acceptedSeq ?? conversation.newest,
      }))
      return { next: { ...conversation, keyChanges } }
    })
  }
  // Last: after a crash before it the person is asked again.
  const { accountId: _, ...changes } = withAcceptedKey(contact)
  const decided = { hasEndedFormerKeys: true, kept: true, dirty: true }
  await contacts.update(accountId, { ...changes, ...decided })
}

/** Shows in each conversation with the contact that the server came with another key. */
export async function noteKeyChange(
  { conversations, now }: SafetyDependencies,
  accountId: AccountId,
): Promise<void> {
  for (const { id } of conversations.with(accountId)) {
    await conversations.update(id, (conversation) => {
      const { keyChanges, newest } = conversation
      if (keyChanges.some(({ acceptedSeq }) => acceptedSeq === null)) return undefined
      const change = { afterSeq: newest, at: now(), acceptedSeq: null }
      return { next: { ...conversation, keyChanges: [...keyChanges, change] } }
    })
  }
}
