import { decodeBase64url } from '../../src/base64url.ts'
import { randomBytes } from '../../src/bytes.ts'
import { importCompositeKey } from '../../src/ecdh/a256cbc-hs512.ts'
import type { PairwiseKey } from '../../src/ecdh/pairwise-keys.ts'
import { importRsaKeyPair, type RsaKeyPair, rsaBytesOfPrivateKey } from '../../src/rsa/key-pair.ts'

/** A key as vector files contain it. */
export type Jwk = JsonWebKey & { readonly kid?: string }

/** The keys of a vector file in the forms with which the two protocols open messages. */
export interface OpeningKeys {
  readonly pairwise: PairwiseKey
  readonly rsa: readonly RsaKeyPair[]
}

/** The product's keys from one JWK, a list of them, or a key set. */
export async function openingKeys(jwks: readonly Jwk[]): Promise<OpeningKeys> {
  const symmetric = jwks.find(({ kty, k }) => kty === 'oct' && k?.length === 86)
  const bytes = symmetric ? decodeBase64url(symmetric.k ?? '') : randomBytes(64)
  const composite = await importCompositeKey(bytes, 'open')
  const rsa = await Promise.all(jwks.filter(({ kty, d }) => kty === 'RSA' && d).map(rsaKeyOf))
  return { pairwise: { kind: 'pairwise', ...composite }, rsa }
}

/**
 * Imports an RSA key as a key file would be imported, under the name that the vector file gives it.
 */
async function rsaKeyOf(jwk: Jwk): Promise<RsaKeyPair> {
  const { alg: _, use: __, key_ops: ___, ...numbers } = jwk
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256' }
  const foreign = await crypto.subtle.importKey('jwk', numbers, algorithm, true, ['decrypt'])
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', foreign))
  const pair = await importRsaKeyPair(await rsaBytesOfPrivateKey(pkcs8))
  return { ...pair, kid: jwk.kid ?? pair.kid }
}

/** PKCS#8 of a P-256 private key. */
export async function ecPkcs8Of(jwk: Jwk): Promise<Uint8Array<ArrayBuffer>> {
  const { kty = '', crv = '', x = '', y = '', d = '' } = jwk
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' }
  const numbers = { kty, crv, x, y, d }
  const key = await crypto.subtle.importKey('jwk', numbers, algorithm, true, ['deriveBits'])
  return new Uint8Array(await crypto.subtle.exportKey('pkcs8', key))
}
