import type { Tx } from '@sotto/service-runtime'
import type { AccountEvent, AccountId } from '@sotto/wire'
import * as participants from '../../store/conversations/participants.ts'

/** Notifies the account's own devices and all accounts that have an open conversation with it. */
export async function accountChanged(tx: Tx, accountId: AccountId): Promise<AccountEvent> {
  const contacts = await participants.listContacts(tx, accountId)
  return { type: 'account.changed', recipients: [accountId, ...contacts], accountId }
}
