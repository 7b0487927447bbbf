import type { AccountId, Wrap } from '@sotto/wire'
import { importAesGcmKey, openAesGcm, sealAesGcm } from '../aes-gcm.ts'
import { decodeBase64url, encodeBase64url } from '../base64url.ts'
import { type Bytes, utf8 } from '../bytes.ts'
import { orDecryptError } from '../errors.ts'
import { contextOf, hkdf, NO_SALT } from '../hkdf.ts'
import { type RecoveryCode, secretOfCode } from './recovery-code.ts'
import { bytesOf, RootSecret } from './root-secret.ts'

const EXPORT_KEY_BYTES = 64

/** What opens a wrap. Both hold enough randomness for a key without further stretching. */
export type Opener =
  /** OPAQUE's export key: the password, already stretched. */
  | { readonly kind: 'password'; readonly exportKey: Bytes }
  | { readonly kind: 'recovery_code'; readonly code: RecoveryCode }

/** Encrypts the root secret so that `opener` opens it (PROTOCOL.md §1.2). */
export async function wrapRootSecret(
  rootSecret: RootSecret,
  opener: Opener,
  account: AccountId,
): Promise<Wrap> {
  const { key, info } = await keyOf(opener, account)
  const sealed = await sealAesGcm(key, info, bytesOf(rootSecret))
  return { kind: opener.kind, ciphertext: encodeBase64url(sealed) }
}

/** Opens a wrap. Throws `DecryptError`: another code, another password, or not this account's wrap. */
export async function unwrapRootSecret(
  wrap: Wrap,
  opener: Opener,
  account: AccountId,
): Promise<RootSecret> {
  return orDecryptError(async () => {
    const { key, info } = await keyOf(opener, account)
    return new RootSecret(await openAesGcm(key, info, decodeBase64url(wrap.ciphertext)))
  })
}

async function keyOf(opener: Opener, account: AccountId) {
  const info = contextOf(`wrap ${opener.kind}`, account)
  const secret = secretOf(opener)
  const key = await hkdf('SHA-256', { secret, salt: NO_SALT, info }, 32)
  return { key: await importAesGcmKey(key), info }
}

function secretOf(opener: Opener): Bytes {
  if (opener.kind === 'recovery_code') return utf8(secretOfCode(opener.code))
  if (opener.exportKey.length !== EXPORT_KEY_BYTES) throw new RangeError('not an export key')
  return opener.exportKey
}
