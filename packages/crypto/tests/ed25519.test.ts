import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type Bytes, concat, utf8 } from '../src/bytes.ts'
import { signEd25519, verifyEd25519 } from '../src/identity/ed25519.ts'
import { type DeviceKeyPair, generateDeviceKey } from '../src/index.ts'

// Platforms disagree about points of small order and about non-canonical encodings. In this file
// the platform accepts every signature, so that only our own checks reject any.

const P = 2n ** 255n - 19n
const SIGN = 2n ** 255n
const message = utf8('a message')

let device: DeviceKeyPair
let signature: Bytes

beforeAll(async () => {
  device = await generateDeviceKey()
  signature = await signEd25519(device.privateKey, message)
})
afterEach(() => vi.restoreAllMocks())

function platformAcceptsEverything() {
  vi.spyOn(crypto.subtle, 'importKey').mockResolvedValue({} as never)
  vi.spyOn(crypto.subtle, 'verify').mockResolvedValue(true)
}

/** 32 bytes, little-endian. */
function encode(number: bigint): Bytes {
  const hex = number.toString(16).padStart(64, '0')
  return Uint8Array.from(Buffer.from(hex, 'hex').reverse())
}

/** Whether the bytes are accepted as a public key, and whether they are accepted as R. */
const admitted = async (bytes: Bytes) => [
  await verifyEd25519(bytes, signature, message),
  await verifyEd25519(device.publicKey, concat(bytes, signature.subarray(32)), message),
]

test('rejects points of small order as a public key and as R', async () => {
  platformAcceptsEverything()
  expect(ED25519_TORSION_SUBGROUP).toHaveLength(8)
  for (const hex of ED25519_TORSION_SUBGROUP) {
    expect(await admitted(Uint8Array.from(Buffer.from(hex, 'hex')))).toEqual([false, false])
  }
})

test('rejects non-canonical encodings as a public key and as R', async () => {
  platformAcceptsEverything()
  const tooLarge = Array.from({ length: 19 }, (_, n) => P + BigInt(n))
  const encodings = [...tooLarge, ...tooLarge.map((y) => y + SIGN), 1n + SIGN, P - 1n + SIGN]
  for (const encoding of encodings) expect(await admitted(encode(encoding))).toEqual([false, false])
})

test('leaves every other point to the platform', async () => {
  platformAcceptsEverything()
  const numbers = Array.from({ length: 200 }, (_, n) => BigInt(n))
  const encodings = [...numbers, ...numbers.map((y) => P - y - 1n)].flatMap((y) => [y, y + SIGN])
  for (const bytes of encodings.map(encode)) {
    if (isRealPoint(bytes)) expect(await admitted(bytes)).toEqual([true, true])
  }
  expect(await admitted(device.publicKey)).toEqual([true, true])
})

test('rejects a public key or signature with the wrong length', async () => {
  platformAcceptsEverything()
  const { publicKey } = device
  expect(await verifyEd25519(publicKey.subarray(1), signature, message)).toBe(false)
  expect(await verifyEd25519(concat(publicKey, publicKey), signature, message)).toBe(false)
  expect(await verifyEd25519(publicKey, signature.subarray(1), message)).toBe(false)
  expect(await verifyEd25519(publicKey, concat(signature, signature), message)).toBe(false)
})

function isRealPoint(bytes: Bytes): boolean {
  try {
    return !ed25519.Point.fromBytes(bytes).isSmallOrder()
  } catch {
    return false
  }
}
