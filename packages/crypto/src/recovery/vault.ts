import type { AccountId } from '@sotto/wire'
import { generateAesGcmKey, openAesGcm, sealAesGcm } from '../aes-gcm.ts'
import { type Bytes, concat, utf8 } from '../bytes.ts'
import { orDecryptError } from '../errors.ts'
import { contextOf } from '../hkdf.ts'
import { bytesOf, RootSecret } from './root-secret.ts'

/**
 * The key under which a device keeps the root secret. It cannot be exported, so a copy of what is
 * stored opens nothing without this browser profile. Survives `structuredClone` and IndexedDB.
 */
export interface VaultKey {
  readonly kind: 'vault'
  readonly key: CryptoKey
}

/**
 * A new vault key; make one at every enrolment. `extractable` only for a storage that cannot keep a
 * `CryptoKey` as it is, and then protects it in another way.
 */
export async function createVaultKey(options?: { extractable: boolean }): Promise<VaultKey> {
  const { extractable = false } = options ?? {}
  return { kind: 'vault', key: await generateAesGcmKey({ extractable }) }
}

/** Seals `bytes` for this device. `label` says what they are, and has to be given again to open them. */
export async function vaultSeal(vault: VaultKey, label: string, bytes: Bytes): Promise<Bytes> {
  return sealAesGcm(vault.key, contextOfLabel(label), bytes)
}

/** Opens what `vaultSeal` made under the same label. Throws `DecryptError`. */
export async function vaultOpen(vault: VaultKey, label: string, sealed: Bytes): Promise<Bytes> {
  return orDecryptError(() => openAesGcm(vault.key, contextOfLabel(label), sealed))
}

/** The root secret as an unlocked device keeps it. */
export async function vaultSealRootSecret(
  vault: VaultKey,
  account: AccountId,
  rootSecret: RootSecret,
): Promise<Bytes> {
  return sealAesGcm(vault.key, contextOf('vault root secret', account), bytesOf(rootSecret))
}

/** Opens what `vaultSealRootSecret` made for the same account. Throws `DecryptError`. */
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

// The colon keeps a label from imitating the context of the root secret.
const contextOfLabel = (label: string) => concat(utf8(`sotto/1 vault: ${label}`))
