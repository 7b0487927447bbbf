import { createECDH, createPublicKey } from 'node:crypto'
import { ecdh, rsa } from './people.ts'
import { fixedBytes } from './primitives.ts'

/** Public keys in valid base64url that no record may contain (PROTOCOL.md §2). */
type BadKeys = readonly (readonly [id: string, key: Buffer])[]

const good = ecdh.alice.spki
const [x, y] = [good.subarray(-64, -32), good.subarray(-32)]

/** `bytes` with one bit of the last byte flipped. */
function flipLast(bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes)
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
  return flipped
}

/** The same point as `good`, as the x coordinate and one bit of y. */
function compressed(): Buffer {
  const start = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex')
  return Buffer.concat([start, Buffer.from([2 + ((y.at(-1) ?? 0) & 1)]), x])
}

function ofP384(): Buffer {
  const curve = createECDH('secp384r1')
  curve.setPrivateKey(fixedBytes('a P-384 key', 48))
  const start = Buffer.from('3076301006072a8648ce3d020106052b81040022036200', 'hex')
  return Buffer.concat([start, curve.getPublicKey()])
}

export const badEcdhKeys: BadKeys = [
  ['not-a-point', flipLast(good)],
  ['compressed', compressed()],
  ['of-p384', ofP384()],
  ['with-a-byte-more', Buffer.concat([good, Buffer.alloc(1)])],
  ['empty-point', Buffer.concat([good.subarray(0, -64), Buffer.alloc(64)])],
]

/** DER with lengths in their shortest form. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...bytes]), content])
}

/** A positive INTEGER. */
const integer = (bytes: Buffer): Buffer =>
  der(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.alloc(1), bytes]))

const RSA_ENCRYPTION = Buffer.from('06092a864886f70d010101', 'hex')
const NULL = Buffer.from('0500', 'hex')
const F4 = Buffer.from([1, 0, 1])

function rsaSpki(modulus: Buffer, exponent: Buffer, parameters: Buffer = NULL): Buffer {
  const key = der(0x30, integer(modulus), integer(exponent))
  return der(0x30, der(0x30, RSA_ENCRYPTION, parameters), der(0x03, Buffer.alloc(1), key))
}

/** An odd number with this many bits. Its factors do not matter. */
function oddNumber(bits: number): Buffer {
  const bytes = fixedBytes(`a modulus of ${bits} bits`, bits / 8)
  bytes[0] = (bytes[0] ?? 0) | 0x80
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 1
  return bytes
}

function modulusOf(spki: Buffer): Buffer {
  const { n = '' } = createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({
    format: 'jwk',
  })
  return Buffer.from(n, 'base64url')
}

const modulus = modulusOf(rsa.alice.spki)

export const badRsaKeys: BadKeys = [
  ['1024-bits', rsaSpki(oddNumber(1024), F4)],
  ['4608-bits', rsaSpki(oddNumber(4608), F4)],
  ['exponent-3', rsaSpki(modulus, Buffer.from([3]))],
  ['without-null', rsaSpki(modulus, F4, Buffer.alloc(0))],
  ['with-a-byte-more', Buffer.concat([rsa.alice.spki, Buffer.alloc(1)])],
  ['of-p256', good],
]
