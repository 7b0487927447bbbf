import type { Pin } from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import type { ContactRecord } from '../../storage/records/contacts.ts'

/** A contact whose account hasn't been fetched: only its pin is known. */
export function pinOnly(
  accountId: AccountId,
  identityKey: string,
  recordVersion: number,
): ContactRecord {
  return {
    accountId,
    current: undefined,
    identityKey,
    recordVersion,
    verified: false,
    formerKeys: [],
    changed: null,
    changedAt: null,
    kept: false,
    dirty: false,
  }
}

/** The entries of the `contacts` box for these contacts. */
export function pinsOf(contacts: readonly ContactRecord[]): Pin[] {
  return contacts
    .filter(({ kept }) => kept)
    .map(({ accountId, identityKey, recordVersion, verified, formerKeys }) => ({
      account: accountId,
      identityKey,
      recordVersion,
      verified,
      former: [...formerKeys],
    }))
}
