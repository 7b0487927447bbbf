import { publicKeysOf } from '@sotto/crypto'
import { adoptOwnRecord } from '../account/keys/own-record.ts'
import { renewalOf } from '../account/keys/own-renewal.ts'
import { createRsaKey, publishKeys } from '../account/publishing/own-profile.ts'
import type { AccountContext } from '../account/state/account-context.ts'
import type { RenewedKeys } from '../api/commands.ts'
import type { Contacts } from '../contacts/contacts.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { Protocols } from '../protocols/port.ts'
import type { Own } from '../storage/records/account.ts'

/**
 * Compares what the server shows of the own account with the own keys, and takes over what another own
 * device has published under them. Whether anything is other than before.
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

/** Whether the own account has to publish an RSA key to take part in a conversation. */
export function needsRsaKey(protocols: Protocols, conversation: ConversationRecord): boolean {
  return protocols[conversation.membership.protocol].prepare(conversation) === 'rsa_key'
}

/**
 * Makes the own RSA key when a conversation first needs it, and publishes one that a device stored without
 * coming to publish it. Whether there was anything to do.
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
