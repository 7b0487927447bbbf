import type { AccountId } from '@sotto/wire'
import { generateAesGcmKey, openAesGcm, sealAesGcm } from '../aes-gcm.ts'
import { type Bytes, concat, utf8 } from '../bytes.ts'
import { orDecryptError } from '../errors.ts'
import { contextOf } from '../hkdf.ts'
import { bytesOf, RootSecret } from './root-secret.ts'

/**
 * The key under which a device stores the root secret. It cannot be exported, so a copy of the
 * stored data is useless without this browser profile. Survives `structuredClone` and IndexedDB.
 */
export interface VaultKey {
  readonly kind: 'vault'
  readonly key: CryptoKey
}

/**
 * Creates a vault key. Create a new one at every enrollment. Set `extractable` only for a storage
 * that cannot store a `CryptoKey` and protects the key in another way.
 */
export async function createVaultKey(options?: { extractable: boolean }): Promise<VaultKey> {
  const { extractable = false } = options ?? {}
  return { kind: 'vault', key: await generateAesGcmKey({ extractable }) }
}

/**
 * Seals `bytes` for this device. `label` states their purpose; opening them requires the same
 * label.
 */
export async function vaultSeal(vault: VaultKey, label: string, bytes: Bytes): Promise<Bytes> {
  return sealAesGcm(vault.key, contextOfLabel(label), bytes)
}

/** Opens the output of `vaultSeal` for the same label. Throws `DecryptError`. */
export async function vaultOpen(vault: VaultKey, label: string, sealed: Bytes): Promise<Bytes> {
  return orDecryptError(() => openAesGcm(vault.key, contextOfLabel(label), sealed))
}

/** Seals the root secret for storage on an unlocked device. */
export async function vaultSealRootSecret(
  vault: VaultKey,
  account: AccountId,
  rootSecret: RootSecret,
): Promise<Bytes> {
  return sealAesGcm(vault.key, contextOf('vault root secret', account), bytesOf(rootSecret))
}

/** Opens the output of `vaultSealRootSecret` for the same account. Throws `DecryptError`. */
export async function vaultOpenRootSecret(
  vault: VaultKey,
  account: AccountId,
  sealed: Bytes,
): Promise<RootSecret> {
  return orDecryptError(async () => {
    const context = contextOf('vault root secret', account)
    return new RootSecret(await openAesGcm(vault.key, context, sealed))
  })
}

// The colon prevents a label from producing the same context as the root secret.
const contextOfLabel = (label: string) => concat(utf8(`sotto/1 vault: ${label}`))
