import {
  createCipheriv,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  sign,
} from 'node:crypto'

/**
 * The primitives of PROTOCOL.md over `node:crypto`, deliberately independent of the product's code,
 * so that the vectors are a second implementation of the document. Nothing here is random: every
 * run writes the same files.
 */

/** Pseudo-random bytes derived from `label`; the same in every run. */
export function fixedBytes(label: string, length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(`sotto vectors: ${label}`).digest()
}

export const b64u = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * 32 bytes leave two bits of the last character unused, which must be zero. Here one of them is
 * set.
 */
export const withUnusedBits32 = (text: string): string =>
  text.slice(0, -1) + BASE64URL[BASE64URL.indexOf(text.slice(-1)) + 1]

export const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8')
export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
export const idBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex')

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** UTF-8 `sotto/1 LABEL` ‖ 0x00 ‖ id ‖ rest. */
export function context(label: string, id: string, ...rest: Uint8Array[]): Buffer {
  return Buffer.concat([utf8(`sotto/1 ${label}`), Buffer.alloc(1), idBytes(id), ...rest])
}

export function hkdf(hash: 'sha256' | 'sha512', secret: Uint8Array, info: Buffer, length: number) {
  return Buffer.from(hkdfSync(hash, secret, Buffer.alloc(0), info, length))
}

/** IV ‖ ciphertext ‖ tag. */
export function sealGcm(key: Buffer, iv: Buffer, aad: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad)
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([iv, sealed, cipher.getAuthTag()])
}

/** An Ed25519 key with a fixed seed. */
export interface SigningKey {
  readonly privateKey: KeyObject
  /** The key as a vector file contains it: PKCS#8 and the raw public key. */
  readonly shown: { readonly pkcs8: string; readonly publicKey: string }
  readonly publicKey: Buffer
}

export function signingKey(label: string): SigningKey {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    fixedBytes(label, 32),
  ])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const publicKey = spki.subarray(-32)
  return { privateKey, publicKey, shown: { pkcs8: b64u(der), publicKey: b64u(publicKey) } }
}

export const signWith = (key: SigningKey, message: Buffer): Buffer =>
  sign(null, message, key.privateKey)

/** A P-256 key with a fixed scalar. */
export interface AgreementKey {
  readonly privateKey: KeyObject
  readonly spki: Buffer
  readonly shown: { readonly pkcs8: string; readonly spki: string }
}

export function agreementKey(label: string): AgreementKey {
  const curve = createECDH('prime256v1')
  const scalar = fixedBytes(label, 32)
  curve.setPrivateKey(scalar)
  const point = curve.getPublicKey()
  const [x, y] = [point.subarray(1, 33), point.subarray(33)]
  const jwk = { kty: 'EC', crv: 'P-256', x: b64u(x), y: b64u(y), d: b64u(scalar) }
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' })
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { privateKey, spki, shown: { pkcs8: b64u(pkcs8), spki: b64u(spki) } }
}

export function agree(own: AgreementKey, peer: AgreementKey): Buffer {
  return diffieHellman({
    privateKey: own.privateKey,
    publicKey: createPublicKey({ key: peer.spki, format: 'der', type: 'spki' }),
  })
}

/** A compact JWE with `alg: dir` and `enc: A256CBC-HS512`. */
export function sealComposite(key: Buffer, iv: Buffer, header: string, plaintext: Buffer): string {
  const aad = utf8(b64u(utf8(header)))
  const cipher = createCipheriv('aes-256-cbc', key.subarray(32), iv)
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const bits = Buffer.concat([uint32(0), uint32(aad.length * 8)])
  const mac = createHmac('sha512', key.subarray(0, 32))
  const tag = mac
    .update(Buffer.concat([aad, iv, ciphertext, bits]))
    .digest()
    .subarray(0, 32)
  return [b64u(utf8(header)), '', b64u(iv), b64u(ciphertext), b64u(tag)].join('.')
}
