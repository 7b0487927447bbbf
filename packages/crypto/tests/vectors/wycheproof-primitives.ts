import { importSPKI } from 'jose'
import { z } from 'zod'
import { importAesGcmKey, openAesGcm } from '../../src/aes-gcm.ts'
import { type Bytes, concat, equalBytes } from '../../src/bytes.ts'
import {
  computeTag,
  importCompositeKey,
  importMacKey,
  layOut,
  openComposite,
  type Sealed,
} from '../../src/ecdh/a256cbc-hs512.ts'
import { hkdf } from '../../src/hkdf.ts'
import { verifyEd25519 } from '../../src/identity/ed25519.ts'
import { decryptAesCbc, pbkdf2 } from '../../src/rsa/pbes2.ts'
import { gives, hex, isRefused } from './suite.ts'
import type { Group, ReadCase, Test } from './wycheproof.ts'
import { readEcdhPem, readEcdhWebcrypto } from './wycheproof-ecdh.ts'
import { readRsaOaep } from './wycheproof-rsa.ts'

type Read = (group: Group, test: Test) => ReadCase

const Hex = z.string().transform(hex)

const readers: Record<string, Read> = {
  'A256CBC-HS512': readComposite,
  'AES-CBC-PKCS5': readAesCbc,
  'AES-GCM': readAesGcm,
  ECDSA: readEs256,
  EDDSA: readEd25519,
  'HKDF-SHA-256': (_, test) => readHkdf('SHA-256', test),
  'HKDF-SHA-512': (_, test) => readHkdf('SHA-512', test),
  HMACSHA512: readHmac,
  'PBKDF2-HMACSHA1': (_, test) => readPbkdf2('SHA-1', test),
  'PBKDF2-HMACSHA256': (_, test) => readPbkdf2('SHA-256', test),
  'PBKDF2-HMACSHA384': (_, test) => readPbkdf2('SHA-384', test),
  'PBKDF2-HMACSHA512': (_, test) => readPbkdf2('SHA-512', test),
  'RSAES-OAEP': readRsaOaep,
}

const unused: Record<string, string> = {
  'A128CBC-HS256': 'protocol ecdh supports only A256CBC-HS512',
  'AES-WRAP': 'the product wraps no key with AES-KW',
  'CHACHA20-POLY1305': 'protocol mls comes later',
  HMACSHA256: 'HMAC-SHA-256 occurs only inside HKDF and PBKDF2; tokens are never HS256',
  'ML-KEM': 'protocol mls comes later',
  XDH: 'protocol mls comes later',
}

/** Reads a case of a file that tests a single algorithm. */
export function readPrimitive(algorithm: string, group: Group, test: Test): ReadCase {
  if (group.type === 'EcdhPemTest') return readEcdhPem(group, test)
  if (group.type === 'EcdhWebcryptoTest') return readEcdhWebcrypto(group, test)
  const read = readers[algorithm]
  if (read) return read(group, test)
  return { notApplicable: unused[algorithm] ?? `nothing here uses ${algorithm}` }
}

/** `valid` must open to `message`, `invalid` must be rejected, `acceptable` may do either. */
function opening(test: Test, open: () => Promise<Uint8Array>): ReadCase {
  const message = Hex.parse(test.msg)
  if (test.result === 'valid') return { check: () => gives(open, message) }
  if (test.result === 'invalid') return { check: () => isRefused(open) }
  return { check: async () => (await isRefused(open)) || gives(open, message) }
}

/** `valid` must verify, `invalid` must not, `acceptable` may do either. */
function verifying(test: Test, verify: () => Promise<boolean>): ReadCase {
  return {
    check: async () => {
      const isVerified = await verify()
      return test.result === 'acceptable' || isVerified === (test.result === 'valid')
    },
  }
}

function sealedOf(aad: Bytes, iv: Bytes, ciphertext: Bytes, tag: Bytes): Sealed {
  const covered = layOut(aad, ciphertext.length)
  if (iv.length !== covered.iv.length) throw new RangeError('IV')
  covered.iv.set(iv)
  covered.ciphertext.set(ciphertext)
  return { ...covered, tag }
}

const Aead = z.object({ key: Hex, iv: Hex, aad: Hex, ct: Hex, tag: Hex })

function readComposite(_: Group, test: Test): ReadCase {
  const { key, iv, aad, ct, tag } = Aead.parse(test)
  return opening(test, async () => {
    const composite = await importCompositeKey(key, 'open')
    return openComposite(composite, sealedOf(aad, iv, ct, tag))
  })
}

function readAesGcm({ keySize, ivSize, tagSize }: Group, test: Test): ReadCase {
  const { key, iv, aad, ct, tag } = Aead.parse(test)
  const isOurs = keySize === 256 && ivSize === 96 && tagSize === 128
  if (!isOurs && test.result !== 'invalid') {
    return { notApplicable: 'AES-GCM is used with keys of 256 bits and IVs of 96 bits only' }
  }
  return opening(test, async () => openAesGcm(await importAesGcmKey(key), aad, concat(iv, ct, tag)))
}

function readAesCbc({ keySize }: Group, test: Test): ReadCase {
  if (keySize === 192)
    return { notApplicable: 'browsers do not support AES-192, so key files do not either' }
  const { key, iv, ct } = z.object({ key: Hex, iv: Hex, ct: Hex }).parse(test)
  if (keySize === 128) return opening(test, () => decryptAesCbc(key, iv, ct))
  // Below the MAC, with a valid tag, so that the padding decides.
  return opening(test, async () => {
    const macKey = new Uint8Array(32)
    const input = concat(iv, ct, new Uint8Array(8))
    const tag = await computeTag(await importMacKey(macKey), input, 32)
    const composite = await importCompositeKey(concat(macKey, key), 'open')
    const opened = await openComposite(composite, sealedOf(new Uint8Array(0), iv, ct, tag))
    const alone = await decryptAesCbc(key, iv, ct)
    if (!equalBytes(opened, alone)) throw new Error('The two layers differ')
    return opened
  })
}

function readHmac({ tagSize }: Group, test: Test): ReadCase {
  const { key, msg, tag } = z.object({ key: Hex, msg: Hex, tag: Hex }).parse(test)
  const bytes = z.int().parse(tagSize) / 8
  return verifying(test, async () => {
    return equalBytes(tag, await computeTag(await importMacKey(key), msg, bytes))
  })
}

function readEd25519(group: Group, test: Test): ReadCase {
  const { publicKey } = z
    .object({ publicKey: z.object({ pk: Hex, curve: z.string() }) })
    .parse(group)
  if (publicKey.curve !== 'edwards25519') return { notApplicable: 'Ed25519 only' }
  const { msg, sig } = z.object({ msg: Hex, sig: Hex }).parse(test)
  return verifying(test, () => verifyEd25519(publicKey.pk, sig, msg))
}

/** Verifies the way the access token library does: it imports the key, and WebCrypto verifies. */
function readEs256({ type, sha, ...group }: Group, test: Test): ReadCase {
  const Key = z.object({ publicKey: z.object({ curve: z.string() }), publicKeyPem: z.string() })
  const { publicKey, publicKeyPem } = Key.parse(group)
  if (type !== 'EcdsaP1363Verify' || sha !== 'SHA-256' || publicKey.curve !== 'secp256r1') {
    return { notApplicable: 'access tokens support ECDSA only as ES256' }
  }
  const { msg, sig } = z.object({ msg: Hex, sig: Hex }).parse(test)
  return verifying(test, async () => {
    const key = await importSPKI(publicKeyPem, 'ES256')
    return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, sig, msg)
  })
}

function readHkdf(hash: 'SHA-256' | 'SHA-512', test: Test): ReadCase {
  const Inputs = z.object({ ikm: Hex, salt: Hex, info: Hex, size: z.int(), okm: Hex })
  const { ikm: secret, salt, info, size, okm } = Inputs.parse(test)
  const derive = () => hkdf(hash, { secret, salt, info }, size)
  return { check: () => (test.result === 'invalid' ? isRefused(derive) : gives(derive, okm)) }
}

function readPbkdf2(hash: 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512', test: Test): ReadCase {
  const Inputs = z.object({
    password: Hex,
    salt: Hex,
    iterationCount: z.int(),
    dkLen: z.int(),
    dk: Hex,
  })
  const { password, salt, iterationCount: iterations, dkLen, dk } = Inputs.parse(test)
  const derive = () => pbkdf2(password, { hash, salt, iterations }, dkLen)
  return { check: () => (test.result === 'invalid' ? isRefused(derive) : gives(derive, dk)) }
}
