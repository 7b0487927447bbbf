import { encodeBase64url } from '../base64url.ts'
import { type Bytes, equalBytes, randomBytes, sha256 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'

const OAEP = { name: 'RSA-OAEP', hash: 'SHA-256' } as const
const NEW_KEY_BITS = 3072
/** For imported keys. */
export const MIN_BITS = 2048
export const MAX_BITS = 4096
const EXPONENT = new Uint8Array([1, 0, 1]) // 65537, the usual exponent: neither too small nor slow

/**
 * An account's key for protocol `rsa`. The private key cannot be exported. Survives
 * `structuredClone` and IndexedDB.
 */
export interface RsaKeyPair {
  readonly kind: 'rsa'
  readonly kid: string
  /** SPKI. */
  readonly publicKey: Bytes
  readonly privateKey: CryptoKey
}

/** A public key for encryption. */
export interface RsaPublicKey {
  readonly kid: string
  readonly publicKey: CryptoKey
}

/**
 * Both halves in the encodings of the `keys` box. This is private key material: hold it in a narrow
 * scope.
 */
export interface RsaKeyBytes {
  /** SPKI. */
  readonly publicKey: Bytes
  /** PKCS#8. */
  readonly privateKey: Bytes
}

/** Generates a key pair. Takes some tenths of a second. */
export async function generateRsaBytes(): Promise<RsaKeyBytes> {
  const algorithm = { ...OAEP, modulusLength: NEW_KEY_BITS, publicExponent: EXPONENT }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['encrypt', 'decrypt'])
  return exportPair(pair.publicKey, pair.privateKey)
}

/**
 * The key pair of an imported PKCS#8 private key. Throws `not_a_private_key`, or
 * `unsupported_private_key` if its size is not 2048 to 4096 bits or its exponent is not 65537.
 */
export async function rsaBytesOfPrivateKey(pkcs8: Bytes): Promise<RsaKeyBytes> {
  const privateKey = await importForeign(pkcs8)
  if (!isStrongEnough(privateKey)) throw new CryptoError('unsupported_private_key')
  const { n, e } = await crypto.subtle.exportKey('jwk', privateKey)
  if (!n || !e) throw new CryptoError('not_a_private_key')
  const jwk = { kty: 'RSA', n, e }
  const publicKey = await crypto.subtle.importKey('jwk', jwk, OAEP, true, ['encrypt'])
  await refuseInconsistent(publicKey, privateKey)
  return exportPair(publicKey, privateKey)
}

/** Imports a key pair from the `keys` box. */
export async function importRsaKeyPair(bytes: RsaKeyBytes): Promise<RsaKeyPair> {
  const { publicKey } = bytes
  const privateKey = await crypto.subtle.importKey('pkcs8', bytes.privateKey, OAEP, false, [
    'decrypt',
  ])
  return { kind: 'rsa', kid: await rsaKid(publicKey), publicKey, privateKey }
}

/** An RSA public key from SPKI, as in a verified record. Throws `bad_public_key`. */
export async function importRsaPublicKey(spki: Bytes): Promise<RsaPublicKey> {
  const publicKey = await importSpki(spki)
  const canonical = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey))
  // A key must have exactly one `kid`, and thus exactly one encoding.
  if (!isStrongEnough(publicKey) || !equalBytes(canonical, spki)) {
    throw new CryptoError('bad_public_key')
  }
  return { kid: await rsaKid(spki), publicKey }
}

/** The id of a key: base64url of SHA-256 over its SPKI. */
export async function rsaKid(spki: Bytes): Promise<string> {
  return encodeBase64url(await sha256(spki))
}

function isStrongEnough({ algorithm }: CryptoKey): boolean {
  const { modulusLength, publicExponent } = algorithm as RsaHashedKeyAlgorithm
  const isLongEnough = modulusLength >= MIN_BITS && modulusLength <= MAX_BITS
  return isLongEnough && equalBytes(publicExponent, EXPONENT)
}

async function importForeign(pkcs8: Bytes): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('pkcs8', pkcs8, OAEP, true, ['decrypt'])
  } catch {
    throw new CryptoError('not_a_private_key')
  }
}

async function importSpki(spki: Bytes): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('spki', spki, OAEP, true, ['encrypt'])
  } catch {
    throw new CryptoError('bad_public_key')
  }
}

/**
 * The numbers in a file may not match each other. Messages encrypted to such a key would be lost.
 */
async function refuseInconsistent(publicKey: CryptoKey, privateKey: CryptoKey): Promise<void> {
  const probe = randomBytes(32)
  try {
    const encrypted = await crypto.subtle.encrypt(OAEP, publicKey, probe)
    const decrypted = await crypto.subtle.decrypt(OAEP, privateKey, encrypted)
    if (equalBytes(new Uint8Array(decrypted), probe)) return
  } catch {
    // Falls through to the same error.
  }
  throw new CryptoError('not_a_private_key')
}

async function exportPair(publicKey: CryptoKey, privateKey: CryptoKey): Promise<RsaKeyBytes> {
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)),
    privateKey: new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey)),
  }
}
