import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { Actor } from '@sotto/wire'

/** Issues access tokens as the auth service does, with a separate key. */
export function createTokenIssuer() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const kid = randomUUID()
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kty: 'OKP', kid, alg: 'EdDSA' }] }
  const issuer = 'https://sotto.test'
  const audience = 'sotto'

  return {
    issuer,
    audience,
    keys: async () => jwks,
    issue({ accountId, deviceId, sessionId }: Actor): string {
      const iat = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer, aud: audience, sub: accountId, did: deviceId, sid: sessionId }
      const header = encode({ alg: 'EdDSA', typ: 'at+jwt', kid })
      const payload = encode({ ...claims, jti: randomUUID(), iat, exp: iat + 900 })
      const signature = sign(null, Buffer.from(`${header}.${payload}`), privateKey)
      return `${header}.${payload}.${signature.toString('base64url')}`
    },
  }
}
export type TokenIssuer = ReturnType<typeof createTokenIssuer>

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
