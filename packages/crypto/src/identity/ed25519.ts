import type { Bytes } from '../bytes.ts'
import type { Ed25519, SigningKeyPair } from './ed25519-port.ts'
import { hasWebCryptoEd25519, webCryptoEd25519 } from './ed25519-webcrypto.ts'
import { isSealed, type SigningKey } from './signing-key.ts'

/** Ed25519 (RFC 8032), for both identity keys and device keys. */

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** The field prime. */
const P = 2n ** 255n - 19n
/** The y coordinate of two of the four points of order 8; the other two have its negative. */
const Y8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
/**
 * The y coordinates of all eight points whose order divides 8. A test compares them with
 * `@noble/curves`.
 */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, Y8, P - Y8])

let chosen: Promise<Ed25519> | undefined

/** The implementation that this platform uses. Retried if loading its code failed. */
function platform(): Promise<Ed25519> {
  chosen ??= choose().catch((error: unknown) => {
    chosen = undefined
    throw error
  })
  return chosen
}

const choose = async () => ((await hasWebCryptoEd25519()) ? webCryptoEd25519 : noble())

/** About 15 KB that most browsers do not need. */
const noble = async () => (await import('./ed25519-noble.ts')).nobleEd25519

/**
 * Loads the implementation that this platform needs. Later calls cannot fail because of missing
 * code.
 */
export async function prepareSignatures(): Promise<void> {
  await platform()
}

/** A new key pair. `extractable`: see `generateDeviceKey`. */
export async function generateEd25519(extractable: boolean): Promise<SigningKeyPair> {
  return (await platform()).generatePair(extractable)
}

/** A new private key as PKCS#8. */
export async function generateEd25519Bytes(): Promise<Bytes> {
  return (await platform()).generateBytes()
}

/** Imports the pair of a private key in PKCS#8. */
export async function importEd25519(pkcs8: Bytes): Promise<SigningKeyPair> {
  return (await platform()).importPair(pkcs8)
}

/** Returns the 64 bytes of the signature. */
export async function signEd25519(privateKey: SigningKey, message: Bytes): Promise<Bytes> {
  // A browser that has since gained Ed25519 still uses the fallback for the keys it created before.
  const ed25519 = isSealed(privateKey) ? await noble() : webCryptoEd25519
  return ed25519.sign(privateKey, message)
}

/**
 * Whether the owner of `publicKey` (raw) made `signature` over `message`.
 *
 * Platforms disagree about points of small order, under which anyone can sign, and about
 * non-canonical encodings. Both are rejected here, for the public key and for R, so that a
 * signature is valid on all devices of an account or on none.
 */
export async function verifyEd25519(
  publicKey: Bytes,
  signature: Bytes,
  message: Bytes,
): Promise<boolean> {
  const isWhole = publicKey.length === KEY_BYTES && signature.length === SIGNATURE_BYTES
  if (!isWhole || !mayBePoint(publicKey) || !mayBePoint(signature)) return false
  const ed25519 = await platform()
  try {
    return await ed25519.verify(publicKey, signature, message)
  } catch {
    return false // not a key
  }
}

/**
 * Whether `bytes` begin with a canonical y coordinate that belongs to no point of small order. For
 * such points, both signs of x are rejected: where x is 0, one of the signs is not canonical. The
 * platform decides whether a point with this y exists; without one, no signature verifies.
 */
function mayBePoint(bytes: Bytes): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  let y = view.getBigUint64(24, true) & 0x7fff_ffff_ffff_ffffn
  for (const offset of [16, 8, 0]) y = (y << 64n) | view.getBigUint64(offset, true)
  return y < P && !SMALL_ORDER_Y.has(y)
}
