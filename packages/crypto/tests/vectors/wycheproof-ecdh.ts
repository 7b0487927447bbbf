import { z } from 'zod'
import { decodeBase64url } from '../../src/base64url.ts'
import { type Bytes, concat } from '../../src/bytes.ts'
import { importEcdhPrivateKey, sharedSecret } from '../../src/ecdh/key-pair.ts'
import { ecPkcs8Of } from './jwk-keys.ts'
import { gives, hex, isRefused } from './suite.ts'
import type { Group, ReadCase, Test } from './wycheproof.ts'

const SPKI_OF_P256 = hex('3059301306072a8648ce3d020106082a8648ce3d03010703420004')

/** ECDH with keys as SPKI and PKCS#8 in PEM. */
export function readEcdhPem({ curve }: Group, test: Test): ReadCase {
  if (curve !== 'secp256r1') return { notApplicable: 'P-256 only' }
  const { public: peer, private: own } = z
    .object({ public: z.string(), private: z.string() })
    .parse(test)
  return agreeing(test, async () => {
    return sharedSecret(await importEcdhPrivateKey(fromPem(own)), fromPem(peer))
  })
}

/** ECDH with keys as JWK, which the product receives as SPKI. */
export function readEcdhWebcrypto({ curve }: Group, test: Test): ReadCase {
  if (curve !== 'P-256') return { notApplicable: 'P-256 only' }
  const Jwk = z.record(z.string(), z.string())
  const { public: peer, private: own } = z.object({ public: Jwk, private: Jwk }).parse(test)
  return agreeing(test, async () => {
    const privateKey = await importEcdhPrivateKey(await ecPkcs8Of(own))
    return sharedSecret(privateKey, spkiOf(peer))
  })
}

function agreeing(test: Test, agree: () => Promise<Bytes>): ReadCase {
  const shared = hex(z.string().parse(test.shared))
  if (test.result === 'valid') return { check: () => gives(agree, shared) }
  if (test.result === 'invalid') return { check: () => isRefused(agree) }
  return { check: async () => (await isRefused(agree)) || gives(agree, shared) }
}

function spkiOf({ crv, x = '', y = '' }: Record<string, string>): Bytes {
  if (crv !== 'P-256') throw new RangeError('another curve')
  return concat(SPKI_OF_P256, decodeBase64url(x), decodeBase64url(y))
}

function fromPem(pem: string): Bytes {
  const body = pem.replace(/-----[A-Z ]+-----/g, '')
  return Uint8Array.from(atob(body), (character) => character.charCodeAt(0))
}
