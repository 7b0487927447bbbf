import { ed25519 } from '@noble/curves/ed25519.js'
import { type Bytes, concat, equalBytes, randomBytes } from '../bytes.ts'
import type { Ed25519 } from './ed25519-port.ts'
import { isSealed, sealSeed, withSeed } from './signing-key.ts'

/** RFC 8410 §7, without the public key: the prefix of the seed. */
const PKCS8_PREFIX = new Uint8Array([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
])
const SEED_BYTES = 32
const POINT_BYTES = 32

const { Point } = ed25519

/**
 * `@noble/curves`, for browsers whose WebCrypto has no Ed25519; loaded only there. A seed is in
 * plaintext only while it signs.
 */
export const nobleEd25519: Ed25519 = {
  async generatePair(extractable) {
    return pairOf(randomBytes(SEED_BYTES), extractable)
  },

  async generateBytes() {
    return concat(PKCS8_PREFIX, randomBytes(SEED_BYTES))
  },

  async importPair(pkcs8) {
    const prefix = pkcs8.subarray(0, PKCS8_PREFIX.length)
    if (pkcs8.length !== PKCS8_PREFIX.length + SEED_BYTES || !equalBytes(prefix, PKCS8_PREFIX)) {
      throw new RangeError('Not an Ed25519 key in PKCS#8')
    }
    return pairOf(pkcs8.slice(PKCS8_PREFIX.length), false)
  },

  async sign(privateKey, message) {
    if (!isSealed(privateKey)) throw new TypeError('This key belongs to WebCrypto')
    return withSeed(privateKey, (seed) => new Uint8Array(ed25519.sign(message, seed)))
  },

  async verify(publicKey, signature, message) {
    // The library multiplies by the cofactor, WebCrypto does not. Both equations must hold, so that
    // a signature is valid on all devices of an account or on none.
    if (!ed25519.verify(signature, message, publicKey, { zip215: false })) return false
    const r = signature.subarray(0, POINT_BYTES)
    const s = numberOf(signature.subarray(POINT_BYTES))
    const hash = await crypto.subtle.digest('SHA-512', concat(r, publicKey, message))
    const k = numberOf(new Uint8Array(hash)) % Point.Fn.ORDER
    const kA = Point.fromBytes(publicKey).multiplyUnsafe(k)
    return Point.BASE.multiplyUnsafe(s).subtract(kA).equals(Point.fromBytes(r))
  },
}

async function pairOf(seed: Bytes, extractable: boolean) {
  const publicKey = new Uint8Array(ed25519.getPublicKey(seed))
  const privateKey = await sealSeed(seed, extractable)
  seed.fill(0)
  return { publicKey, privateKey }
}

/** Little-endian. */
function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n)
}
