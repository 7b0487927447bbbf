import type { AccountId, Wrap } from '@sotto/wire'
import { importAesGcmKey, openAesGcm, sealAesGcm } from '../aes-gcm.ts'
import { decodeBase64url, encodeBase64url } from '../base64url.ts'
import { type Bytes, sha256, utf8 } from '../bytes.ts'
import { CryptoError, orDecryptError } from '../errors.ts'
import { contextOf, hkdf, NO_SALT } from '../hkdf.ts'
import { type RecoveryCode, secretOfCode } from './recovery-code.ts'
import { bytesOf, RootSecret } from './root-secret.ts'

const EXPORT_KEY_BYTES = 64
/** IV, root secret, tag. */
const WRAP_BYTES = 12 + 32 + 16

/**
 * A secret that opens a wrap. Both kinds have enough entropy to derive a key without further
 * stretching.
 */
export type Opener =
  /** OPAQUE's export key: the stretched password. */
  | { readonly kind: 'password'; readonly exportKey: Bytes }
  | { readonly kind: 'recovery_code'; readonly code: RecoveryCode }

/** Encrypts the root secret for `opener` (PROTOCOL.md §4.3). */
export async function wrapRootSecret(
  rootSecret: RootSecret,
  opener: Opener,
  account: AccountId,
): Promise<Wrap> {
  const { key, info } = await keyOf(opener, account)
  const sealed = await sealAesGcm(key, info, bytesOf(rootSecret))
  return { kind: opener.kind, ciphertext: encodeBase64url(sealed) }
}

/**
 * The hash of a wrap in the manifest: SHA-256 of its bytes, base64url. Throws `bad_wrap` for a
 * malformed wrap, which no secret can open.
 */
export async function hashWrap(wrap: Wrap): Promise<string> {
  return encodeBase64url(await sha256(bytesOfWrap(wrap)))
}

/**
 * Opens a wrap. Throws `bad_wrap` as `hashWrap` does, and `DecryptError` for a wrong code, a wrong
 * password, or another account's wrap.
 */
export async function unwrapRootSecret(
  wrap: Wrap,
  opener: Opener,
  account: AccountId,
): Promise<RootSecret> {
  const sealed = bytesOfWrap(wrap)
  return orDecryptError(async () => {
    const { key, info } = await keyOf(opener, account)
    return new RootSecret(await openAesGcm(key, info, sealed))
  })
}

function bytesOfWrap({ ciphertext }: Wrap): Bytes {
  const bytes = decodeOrUndefined(ciphertext)
  if (bytes?.length !== WRAP_BYTES) throw new CryptoError('bad_wrap')
  return bytes
}

function decodeOrUndefined(text: string): Bytes | undefined {
  try {
    return decodeBase64url(text)
  } catch {
    return undefined
  }
}

async function keyOf(opener: Opener, account: AccountId) {
  const info = contextOf(`wrap ${opener.kind}`, account)
  const secret = secretOf(opener)
  const key = await hkdf('SHA-256', { secret, salt: NO_SALT, info }, 32)
  return { key: await importAesGcmKey(key), info }
}

function secretOf(opener: Opener): Bytes {
  if (opener.kind === 'recovery_code') return utf8(secretOfCode(opener.code))
  if (opener.exportKey.length !== EXPORT_KEY_BYTES)
    throw new RangeError('Export key has the wrong length')
  return opener.exportKey
}
