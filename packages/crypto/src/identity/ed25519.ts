import type { Bytes } from '../bytes.ts'

/** Ed25519 (RFC 8032) through WebCrypto, for identity keys and device keys alike. */

/** The 64 bytes of the signature. */
export async function signEd25519(privateKey: CryptoKey, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message))
}

/** Whether `signature` over `message` is by the owner of `publicKey` (raw). */
export async function verifyEd25519(
  publicKey: Bytes,
  signature: Bytes,
  message: Bytes,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, signature, message)
  } catch {
    return false // not a key
  }
}
