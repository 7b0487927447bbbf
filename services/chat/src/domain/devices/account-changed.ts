import type { Tx } from '@sotto/service-runtime'
import type { AccountEvent, AccountId } from '@sotto/wire'
import * as participants from '../../store/conversations/participants.ts'

/** Tells the own devices, and everybody who has an open conversation with the account. */
export async function accountChanged(tx: Tx, accountId: AccountId): Promise<AccountEvent> {
  const contacts = await participants.listContacts(tx, accountId)
  return { type: 'account.changed', recipients: [accountId, ...contacts], accountId }
}
