import { safetyNumber as computeDigits, safetyQr } from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import type { SafetyNumber } from './api.ts'
import { withAcceptedKey } from './contact-pins.ts'
import { type Contacts, trustOf } from './contacts.ts'
import type { Conversations } from './conversations.ts'
import { ClientError } from './errors.ts'
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
  const own = { account: me().accountId, identityKey: me().own.record.identityKey }
  const digitsWith = (identityKey: string) =>
    computeDigits(own, { account: accountId, identityKey })
  const digits = await digitsWith(contact.identityKey)
  const { changed } = contact
  return {
    digits,
    qr: safetyQr(digits),
    trust: trustOf(contact),
    changedDigits: changed && (await digitsWith(changed.record.identityKey)),
  }
}

/** Keeps that the person compared the number, or takes it back. */
export async function setVerified(
  { contacts }: SafetyDependencies,
  accountId: AccountId,
  verified: boolean,
): Promise<void> {
  const { changed } = await contacts.ensure(accountId)
  // The number that was compared is that of a key which is no longer in use.
  if (changed && verified) throw new ClientError('key_changed')
  await contacts.update(accountId, { verified, kept: true, dirty: true })
}

/** Pins the new key. From here on only what was in the log before may be from the old one. */
export async function acceptChangedKey(
  { contacts, conversations }: SafetyDependencies,
  accountId: AccountId,
): Promise<void> {
  const contact = contacts.get(accountId)
  if (!contact?.changed) return
  const { accountId: _, ...changes } = withAcceptedKey(contact)
  await contacts.update(accountId, { ...changes, kept: true, dirty: true })
  for (const { id } of conversations.with(accountId)) {
    await conversations.update(id, (conversation) => {
      const keyChanges = conversation.keyChanges.map((change) => ({
        ...change,
        acceptedSeq: change.acceptedSeq ?? conversation.newest,
      }))
      return { next: { ...conversation, keyChanges } }
    })
  }
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
