import type { Storage } from '@sotto/sdk'
import type { AccountId, AccountRecord, DeviceId, Manifest, Wrap } from '@sotto/wire'
import { storedValue } from './stored-value.ts'

/** A device's stored data about its own account. */
export interface KeptAccount {
  readonly record: AccountRecord
  readonly manifest: Manifest
  readonly wraps: readonly Wrap[]
  readonly hasNewWraps: boolean
}

/** A device's stored data about a contact. */
export interface KeptContact {
  readonly current?: {
    readonly record: AccountRecord
    readonly devices: readonly { deviceId: DeviceId; revokedAt: number | null }[]
  }
}

/** What a device has stored about its own account, once it exists. */
export async function keptAccount(storage: Storage): Promise<KeptAccount> {
  return (await storedValue(storage, 'account', 'own')) as KeptAccount
}

/** What a device has stored about a contact. */
export async function keptContact(storage: Storage, id: AccountId): Promise<KeptContact> {
  return (await storedValue(storage, 'contacts', id)) as KeptContact
}
