import type { AccountKeys, Bytes, DeviceKeyPair } from '@sotto/crypto'
import { AccountId, DeviceId, SealedBox } from '@sotto/wire'
import { z } from 'zod'
import type { Place, ShapeOf } from '../record-kind.ts'
import { OWN, type Own } from './account.ts'
import { ACCOUNT_KEYS, DEVICE_KEY } from './keys.ts'
import { StoredBytes } from './values.ts'

/** Keys that the server no longer accepts. They are never deleted, because the server may be lying. */
export interface KeysAside {
  readonly accountId: AccountId
  readonly own: Own
  /** Null if the storage can't hold private keys; then they are only in the box. */
  readonly keys: AccountKeys | null
  /** The device key, which stays tied to one device id. */
  readonly device: { readonly deviceId: DeviceId; readonly key: DeviceKeyPair } | null
  readonly keyBox: SealedBox | null
  /** Under the vault key. */
  readonly rootSecret: Bytes | null
}

const keysAside: z.ZodType<KeysAside> = z.strictObject({
  accountId: AccountId,
  own: OWN.kind.schema,
  keys: ACCOUNT_KEYS.kind.schema.nullable(),
  device: z.strictObject({ deviceId: DeviceId, key: DEVICE_KEY.kind.schema }).nullable(),
  keyBox: SealedBox.nullable(),
  rootSecret: StoredBytes.nullable(),
} satisfies ShapeOf<KeysAside>)

export const keysAsideAt = (accountId: AccountId, identityKey: string): Place<KeysAside> => ({
  kind: { collection: 'keys', version: 2, schema: keysAside },
  key: `aside/${accountId}/${identityKey}`,
})
