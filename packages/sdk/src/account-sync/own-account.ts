import { publicKeysOf } from '@sotto/crypto'
import { adoptOwnRecord } from '../account/keys/own-record.ts'
import { renewalOf } from '../account/keys/own-renewal.ts'
import { createRsaKey, publishKeys } from '../account/publishing/own-profile.ts'
import type { AccountContext } from '../account/state/account-context.ts'
import type { RenewedKeys } from '../api/views.ts'
import type { Contacts } from '../contacts/contacts.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { Protocols } from '../protocols/port.ts'
import type { Own } from '../storage/records/account.ts'

/**
 * Compares our account on the server with our keys, and adopts what our other devices have published under them.
 * Returns whether anything changed.
 */
export async function readOwnAccount(
  account: AccountContext,
  contacts: Contacts,
): Promise<boolean> {
  const { state } = account
  const { own, accountId } = state.me()
  const self = await contacts.fetch(accountId)
  if (!self.changed && self.current) await adoptOwnRecord(account, self.current)
  const replaced = self.changed !== null
  const renewed = self.changed?.succeeds && renewalOf(self.changed.succeeds, own)
  const isSame = replaced === own.replaced && renewed?.at === own.renewed?.at
  if (!isSame) await state.updateOwn((now) => withReplaced(now, replaced, renewed))
  return state.me().own !== own
}

function withReplaced({ renewed: _, ...own }: Own, replaced: boolean, renewed?: RenewedKeys): Own {
  return { ...own, replaced, ...(renewed && { renewed }) }
}

export interface RsaKeyNeeds {
  readonly conversations: Conversations
  readonly protocols: Protocols
}

/** Whether our account must publish an RSA key before it can use a conversation. */
export function needsRsaKey(protocols: Protocols, conversation: ConversationRecord): boolean {
  return protocols[conversation.membership.protocol].prepare(conversation) === 'rsa_key'
}

/**
 * Creates our RSA key when a conversation first needs it, or publishes one that a device stored but never published.
 * Returns whether there was anything to do.
 */
export async function provideRsaKey(
  account: AccountContext,
  { conversations, protocols }: RsaKeyNeeds,
): Promise<boolean> {
  const { own, keys } = account.state.me()
  const stored = publicKeysOf(keys).rsaKey
  const isNeeded =
    stored === null && [...conversations.all()].some((one) => needsRsaKey(protocols, one))
  if (!isNeeded && stored === own.record.rsaKey) return false
  if (isNeeded) await createRsaKey(account)
  else await publishKeys(account)
  return true
}
