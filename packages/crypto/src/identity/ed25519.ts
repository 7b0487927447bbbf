import type { Bytes } from '../bytes.ts'

/** Ed25519 (RFC 8032) through WebCrypto, for identity keys and device keys alike. */

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** The prime of the field. */
const P = 2n ** 255n - 19n
/** The y coordinate of two of the four points of order 8; the other two have its negative. */
const Y8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
/** The y coordinates of all eight points whose order divides 8; a test compares with `@noble/curves`. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, Y8, P - Y8])

/** The 64 bytes of the signature. */
export async function signEd25519(privateKey: CryptoKey, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message))
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
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, signature, message)
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
