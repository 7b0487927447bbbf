import { decodeBase64url } from '../base64url.ts'
import type { Bytes } from '../bytes.ts'
import type { Ed25519 } from './ed25519-port.ts'
import { isSealed } from './signing-key.ts'

const NAME = 'Ed25519'

/** WebCrypto's Ed25519. Private keys are `CryptoKey`s that no script can read. */
export const webCryptoEd25519: Ed25519 = {
  async generatePair(extractable) {
    const pair = await crypto.subtle.generateKey(NAME, extractable, ['sign', 'verify'])
    const { publicKey, privateKey } = pair as CryptoKeyPair
    return {
      publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)),
      privateKey,
    }
  },

  async generateBytes() {
    const pair = await crypto.subtle.generateKey(NAME, true, ['sign', 'verify'])
    const { privateKey } = pair as CryptoKeyPair
    return new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey))
  },

  async importPair(pkcs8) {
    // PKCS#8 contains only the private key. Its public key can be read from a JWK, which requires
    // an extractable key; that one is discarded immediately.
    const extractable = await crypto.subtle.importKey('pkcs8', pkcs8, NAME, true, ['sign'])
    const { x = '' } = await crypto.subtle.exportKey('jwk', extractable)
    const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, NAME, false, ['sign'])
    return { publicKey: decodeBase64url(x), privateKey }
  },

  async sign(privateKey, message) {
    if (isSealed(privateKey)) throw new TypeError('This key does not belong to WebCrypto')
    return new Uint8Array(await crypto.subtle.sign(NAME, privateKey, message))
  },

  async verify(publicKey, signature, message) {
    const key = await crypto.subtle.importKey('raw', publicKey, NAME, false, ['verify'])
    return crypto.subtle.verify(NAME, key, signature, message)
  },
}

/** RFC 8032 §7.1, test 1: the public key, and its signature over an empty message. */
const KNOWN = {
  publicKey: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  signature:
    '5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc-bRr0lv18FlbviRlUUFDjnoQCw',
}

/**
 * Whether WebCrypto supports Ed25519 here: it creates non-extractable keys and verifies a known
 * signature. Some browser versions implement only a part, or hide it behind a flag.
 */
export async function hasWebCryptoEd25519(): Promise<boolean> {
  try {
    const { privateKey } = await webCryptoEd25519.generatePair(false)
    const message: Bytes = new Uint8Array(0)
    await webCryptoEd25519.sign(privateKey, message)
    const { publicKey, signature } = KNOWN
    return await webCryptoEd25519.verify(
      decodeBase64url(publicKey),
      decodeBase64url(signature),
      message,
    )
  } catch {
    return false
  }
}
