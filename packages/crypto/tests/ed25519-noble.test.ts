import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Bytes, concat, utf8 } from '../src/bytes.ts'
import { signEd25519, verifyEd25519 } from '../src/identity/ed25519.ts'
import { nobleEd25519 } from '../src/identity/ed25519-noble.ts'
import type { SigningKeyPair } from '../src/identity/ed25519-port.ts'
import { hasWebCryptoEd25519, webCryptoEd25519 } from '../src/identity/ed25519-webcrypto.ts'
import { isSealed } from '../src/identity/signing-key.ts'

// The vectors and the message properties also run with the fallback alone: see `vitest.config.ts`.
// This file compares both implementations.

const both = [
  ['WebCrypto', webCryptoEd25519],
  ['@noble/curves', nobleEd25519],
] as const

const bytes = (length?: number) =>
  fc
    .uint8Array(
      length === undefined ? { maxLength: 200 } : { minLength: length, maxLength: length },
    )
    .map((array) => new Uint8Array(array))

let pkcs8: Bytes
let pairs: SigningKeyPair[]

beforeAll(async () => {
  pkcs8 = await webCryptoEd25519.generateBytes()
  pairs = await Promise.all(both.map(([, ed25519]) => ed25519.importPair(pkcs8)))
})

const pairOf = (n: number) => pairs[n] as SigningKeyPair

test('both derive the same public key from a private key, in the same encoding', async () => {
  expect(pairOf(1).publicKey).toEqual(pairOf(0).publicKey)
  const made = await nobleEd25519.generateBytes()
  expect(made).toHaveLength(pkcs8.length)
  expect(made.subarray(0, 16)).toEqual(pkcs8.subarray(0, 16))
  const [one, other] = await Promise.all(both.map(([, ed25519]) => ed25519.importPair(made)))
  expect(one?.publicKey).toEqual(other?.publicKey)
})

test("both produce the same signature, and each verifies the other's", async () => {
  await fc.assert(
    fc.asyncProperty(bytes(), async (message) => {
      const signatures = await Promise.all(
        both.map(([, ed25519], n) => ed25519.sign(pairOf(n).privateKey, message)),
      )
      expect(signatures[1]).toEqual(signatures[0])
      for (const [, ed25519] of both) {
        const [signature = new Uint8Array(0)] = signatures
        expect(await ed25519.verify(pairOf(0).publicKey, signature, message)).toBe(true)
      }
    }),
    { numRuns: 50 },
  )
})

test('neither accepts a signature with a flipped bit', async () => {
  const message = utf8('a message')
  const signature = await signEd25519(pairOf(1).privateKey, message)
  await fc.assert(
    fc.asyncProperty(fc.nat(511), async (bit) => {
      const changed = signature.slice()
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      for (const [, ed25519] of both) {
        const verified = ed25519.verify(pairOf(0).publicKey, changed, message)
        expect(await verified.catch(() => false)).toBe(false)
      }
    }),
    { numRuns: 100 },
  )
})

test('both reject an S that is not below the order', async () => {
  const L = 2n ** 252n + 27742317777372353535851937790883648493n
  const message = utf8('a message')
  const signature = await signEd25519(pairOf(0).privateKey, message)
  const s = signature.subarray(32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const hex = (s + L).toString(16).padStart(64, '0')
  const larger = concat(
    signature.subarray(0, 32),
    Uint8Array.from(Buffer.from(hex, 'hex').reverse()),
  )
  for (const [, ed25519] of both) {
    expect(await ed25519.verify(pairOf(0).publicKey, larger, message)).toBe(false)
  }
})

test('neither accepts random bytes as a signature', async () => {
  await fc.assert(
    fc.asyncProperty(bytes(32), bytes(64), bytes(), async (publicKey, signature, message) => {
      for (const [, ed25519] of both) {
        const verified = ed25519.verify(publicKey, signature, message)
        expect(await verified.catch(() => false)).toBe(false)
      }
    }),
    { numRuns: 100 },
  )
})

test.each([
  ['nothing', () => new Uint8Array(0)],
  ['only the seed', () => pkcs8.subarray(16)],
  ['another algorithm', () => pkcs8.with(11, 0x6e)],
  ['an extra byte', () => concat(pkcs8, Uint8Array.of(0))],
])('the fallback rejects %s as a private key', async (_, file) => {
  await expect(nobleEd25519.importPair(new Uint8Array(file()))).rejects.toThrow(RangeError)
})

describe("the fallback's private key", () => {
  test('is sealed under a non-extractable key, and a copy of it can sign', async () => {
    const { publicKey, privateKey } = await nobleEd25519.generatePair(false)
    if (!isSealed(privateKey)) throw new Error('it is sealed')
    expect(privateKey.sealedWith.extractable).toBe(false)
    expect(privateKey.sealedWith.algorithm).toMatchObject({ name: 'AES-GCM', length: 256 })
    await expect(crypto.subtle.exportKey('raw', privateKey.sealedWith)).rejects.toThrow()
    expect(privateKey.sealedSeed).toHaveLength(12 + 32 + 16)

    const message = utf8('a message')
    const signature = await signEd25519(structuredClone(privateKey), message)
    expect(await verifyEd25519(publicKey, signature, message)).toBe(true)
  })

  test('contains nothing of the seed in plaintext', async () => {
    const seed = Buffer.from(pkcs8.subarray(16))
    const { privateKey } = await nobleEd25519.importPair(pkcs8)
    if (!isSealed(privateKey)) throw new Error('it is sealed')
    expect(Buffer.from(privateKey.sealedSeed).includes(seed)).toBe(false)
  })

  test('continues to sign in a browser that has since gained Ed25519', async () => {
    expect(await hasWebCryptoEd25519()).toBe(true)
    const message = utf8('a message')
    const signature = await signEd25519(pairOf(1).privateKey, message)
    expect(await webCryptoEd25519.verify(pairOf(0).publicKey, signature, message)).toBe(true)
  })

  test('is extractable for a storage that cannot store keys', async () => {
    const { privateKey } = await nobleEd25519.generatePair(true)
    if (!isSealed(privateKey)) throw new Error('it is sealed')
    expect(await crypto.subtle.exportKey('raw', privateKey.sealedWith)).toBeInstanceOf(ArrayBuffer)
  })
})
