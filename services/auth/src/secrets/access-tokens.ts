import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto'
import { ACCESS_TOKEN_TTL_SECONDS, type Actor } from '@sotto/wire'
import { calculateJwkThumbprint, exportJWK, type JSONWebKeySet, type JWK, SignJWT } from 'jose'

/** Signs access tokens (RFC 9068) and provides the matching public keys. */
export interface AccessTokens {
  readonly publicKeys: JSONWebKeySet
  /** An access token for `actor`, valid for 15 minutes from `now` (ms). */
  issue(actor: Actor, now: number): Promise<string>
}

interface SigningKey {
  privateKey: KeyObject
  publicJwk: JWK & { kid: string }
}

/**
 * `pem` contains one or more Ed25519 keys (PKCS#8). The first one signs and all are published, so
 * that a key can be published before its first use and after its last. Throws if a key is of
 * another kind.
 */
export async function createAccessTokens(options: {
  pem: string
  issuer: string
  audience: string
}): Promise<AccessTokens> {
  const keys = await readSigningKeys(options.pem)
  const [signing] = keys
  if (!signing) throw new Error('There is no signing key')

  return {
    publicKeys: { keys: keys.map(({ publicJwk }) => publicJwk) },
    issue: (actor, now) => {
      const issuedAt = Math.floor(now / 1000)
      return new SignJWT({ sid: actor.sessionId, did: actor.deviceId })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: signing.publicJwk.kid })
        .setIssuer(options.issuer)
        .setAudience(options.audience)
        .setSubject(actor.accountId)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ACCESS_TOKEN_TTL_SECONDS)
        .sign(signing.privateKey)
    },
  }
}

/** Reads the keys of a PEM file, with the signing key first. */
export async function readSigningKeys(pem: string): Promise<SigningKey[]> {
  const blocks = pem.match(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/g) ?? []
  return Promise.all(blocks.map(readSigningKey))
}

async function readSigningKey(pem: string): Promise<SigningKey> {
  const privateKey = createPrivateKey(pem)
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('The key must be Ed25519')
  const jwk = await exportJWK(createPublicKey(privateKey))
  const kid = await calculateJwkThumbprint(jwk)
  return { privateKey, publicJwk: { ...jwk, kid, alg: 'EdDSA', use: 'sig' } }
}

/** Generates a signing key as PKCS#8 in PEM. */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}
