import type { AccountId, BoxName, SealedBox } from '@sotto/wire'
import { importAesGcmKey, openAesGcm, sealAesGcm } from '../aes-gcm.ts'
import { decodeBase64url, encodeBase64url } from '../base64url.ts'
import { type Bytes, concat, uint32 } from '../bytes.ts'
import { orDecryptError } from '../errors.ts'
import { contextOf, hkdf, NO_SALT } from '../hkdf.ts'
import { bytesOf, type RootSecret } from './root-secret.ts'

/** Identifies a box: its account and its name. */
export interface BoxPlace {
  readonly account: AccountId
  readonly name: BoxName
}

/** Seals a box as `version`, which must be one more than the last version (PROTOCOL.md §4.2). */
export async function sealBox(
  rootSecret: RootSecret,
  place: BoxPlace,
  version: number,
  plaintext: Bytes,
): Promise<SealedBox> {
  const { key, info } = await keyOf(rootSecret, place)
  const sealed = await sealAesGcm(key, concat(info, uint32(version)), plaintext)
  return { version, ciphertext: encodeBase64url(sealed) }
}

/**
 * Opens a box. The version is authenticated, but only the caller can detect an outdated box,
 * because only the caller remembers the newest version it has seen. Throws `DecryptError`.
 */
export async function openBox(
  rootSecret: RootSecret,
  place: BoxPlace,
  box: SealedBox,
): Promise<Bytes> {
  return orDecryptError(async () => {
    const { key, info } = await keyOf(rootSecret, place)
    const context = concat(info, uint32(box.version))
    return openAesGcm(key, context, decodeBase64url(box.ciphertext))
  })
}

async function keyOf(rootSecret: RootSecret, { account, name }: BoxPlace) {
  const info = contextOf(`box ${name}`, account)
  const secret = bytesOf(rootSecret)
  const key = await hkdf('SHA-256', { secret, salt: NO_SALT, info }, 32)
  return { key: await importAesGcmKey(key), info }
}
