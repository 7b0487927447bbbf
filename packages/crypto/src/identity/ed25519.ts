import type { Bytes } from '../bytes.ts'
import type { Ed25519, SigningKeyPair } from './ed25519-port.ts'
import { hasWebCryptoEd25519, webCryptoEd25519 } from './ed25519-webcrypto.ts'
import { isSealed, type SigningKey } from './signing-key.ts'

/** Ed25519 (RFC 8032), for identity keys and device keys alike. */

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** The prime of the field. */
const P = 2n ** 255n - 19n
/** The y coordinate of two of the four points of order 8; the other two have its negative. */
const Y8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
/** The y coordinates of all eight points whose order divides 8; a test compares with `@noble/curves`. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, Y8, P - Y8])

let chosen: Promise<Ed25519> | undefined

/** What this platform signs and verifies with; asked for again when the code for it could not be loaded. */
function platform(): Promise<Ed25519> {
  chosen ??= choose().catch((error: unknown) => {
    chosen = undefined
    throw error
  })
  return chosen
}

const choose = async () => ((await hasWebCryptoEd25519()) ? webCryptoEd25519 : noble())

/** Some 15 KB that most browsers do without. */
const noble = async () => (await import('./ed25519-noble.ts')).nobleEd25519

/** Loads the code that this platform signs with. Nothing that is called after it fails for want of code. */
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

/** The pair of a private key in PKCS#8. */
export async function importEd25519(pkcs8: Bytes): Promise<SigningKeyPair> {
  return (await platform()).importPair(pkcs8)
}

/** The 64 bytes of the signature. */
export async function signEd25519(privateKey: SigningKey, message: Bytes): Promise<Bytes> {
  // A browser that has learned Ed25519 since keeps the keys that it made before.
  const ed25519 = isSealed(privateKey) ? await noble() : webCryptoEd25519
  return ed25519.sign(privateKey, message)
}

/**
 * Whether `signature` over `message` is by the owner of `publicKey` (raw).
 *
 * Platforms differ about points of small order, under which anybody can sign, and about encodings that are
 * not canonical. Both are refused here, as public key and as R, so that a signature counts on every device
 * of an account or on none.
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
 * Whether `bytes` begin with a canonical y coordinate that belongs to no point of small order. Both signs
 * of x are refused for those: where x is 0, one of the signs is not canonical. Whether there is a point
 * with this y is left to the platform: no signature verifies without.
 */
function mayBePoint(bytes: Bytes): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  let y = view.getBigUint64(24, true) & 0x7fff_ffff_ffff_ffffn
  for (const offset of [16, 8, 0]) y = (y << 64n) | view.getBigUint64(offset, true)
  return y < P && !SMALL_ORDER_Y.has(y)
}
