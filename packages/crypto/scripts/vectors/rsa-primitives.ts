import { constants, createCipheriv, createHash, createPublicKey, publicEncrypt } from 'node:crypto'
import { b64u, fixedBytes, sha256, utf8 } from './primitives.ts'
import recorded from './recorded-rsa-keys.json' with { type: 'json' }

/** An RSA key that was generated once, because primes cannot be derived from a label. */
export interface RsaKey {
  readonly kid: string
  readonly spki: Buffer
  readonly shown: { readonly pkcs8: string; readonly spki: string; readonly kid: string }
}

export function rsaKey(name: keyof typeof recorded): RsaKey {
  const { pkcs8, spki } = recorded[name]
  const bytes = Buffer.from(spki, 'base64url')
  const kid = b64u(sha256(bytes))
  return { kid, spki: bytes, shown: { pkcs8, spki, kid } }
}

/** MGF1 with SHA-256 (RFC 8017 §B.2.1). */
function mask(seed: Buffer, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256')
      .update(seed)
      .update(Buffer.from([0, 0, 0, i]))
      .digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}

const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)))

/** RSAES-OAEP (RFC 8017 §7.1.1) with a fixed seed. */
function encryptOaep(key: RsaKey, seed: Buffer, message: Buffer): Buffer {
  const publicKey = createPublicKey({ key: key.spki, format: 'der', type: 'spki' })
  const size = (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const padding = Buffer.alloc(size - message.length - 2 * 32 - 2)
  const block = Buffer.concat([sha256(Buffer.alloc(0)), padding, Buffer.from([1]), message])
  const maskedBlock = xor(block, mask(seed, block.length))
  const maskedSeed = xor(seed, mask(maskedBlock, 32))
  const encoded = Buffer.concat([Buffer.alloc(1), maskedSeed, maskedBlock])
  return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, encoded)
}

export interface Jwe {
  protected: string
  recipients: { header: { alg: string; kid: string }; encrypted_key: string }[]
  aad?: string
  iv: string
  ciphertext: string
  tag: string
}

/** A JWE in the general JSON serialization: A256GCM under a fixed content key. */
export function sealJwe(
  label: string,
  keys: readonly RsaKey[],
  aad: Buffer | undefined,
  plaintext: Buffer,
): Jwe {
  const contentKey = fixedBytes(`${label} content key`, 32)
  const iv = fixedBytes(`${label} iv`, 12)
  const header = b64u(utf8('{"enc":"A256GCM"}'))
  const covered = aad ? `${header}.${b64u(aad)}` : header
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv).setAAD(utf8(covered))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return {
    protected: header,
    recipients: keys.map((key, i) => {
      const seed = fixedBytes(`${label} seed ${i}`, 32)
      const encrypted_key = b64u(encryptOaep(key, seed, contentKey))
      return { header: { alg: 'RSA-OAEP-256', kid: key.kid }, encrypted_key }
    }),
    ...(aad && { aad: b64u(aad) }),
    iv: b64u(iv),
    ciphertext: b64u(ciphertext),
    tag: b64u(cipher.getAuthTag()),
  }
}
