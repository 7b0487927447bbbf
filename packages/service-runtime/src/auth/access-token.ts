import { AccountId, Actor, DeviceId, type ErrorCode, SessionId } from '@sotto/wire'
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { DomainError } from '../errors.ts'
import type { IsLiveSession, IsProvenSession } from './live-sessions.ts'

export type { JSONWebKeySet } from 'jose'

const MAX_ACCESS_TOKEN_CHARS = 8192
const MAX_TTL_SECONDS = 900
const LEEWAY_SECONDS = 30

/** The conditions under which an access token is accepted. */
export interface TokenPolicy {
  /** The issuer's public keys. No key is ever taken from a token. */
  readonly keys: JSONWebKeySet
  readonly issuer: string
  readonly audience: string
  /** Milliseconds since 1970. */
  readonly now: number
}

// Strict: rejects a header with a key or with the location of one (`jwk`, `jku`, `x5u`), and a
// header without `kid`, for which the library would try any key that fits.
const TokenHeader = z.strictObject({
  alg: z.enum(['EdDSA', 'ES256']),
  typ: z.literal('at+jwt'),
  kid: z.string().min(1).max(128),
})

/** The claims that every access token must have. Other claims are kept unchanged. */
export const TokenClaims = z.looseObject({
  sub: z.string().min(1).max(256),
  iat: z.int(),
  exp: z.int(),
})
export type TokenClaims = z.infer<typeof TokenClaims>

const keySets = new WeakMap<JSONWebKeySet, JWTVerifyGetKey>()

function keyFinder(keys: JSONWebKeySet): JWTVerifyGetKey {
  const known = keySets.get(keys)
  if (known) return known
  const find = createLocalJWKSet(keys)
  keySets.set(keys, find)
  return find
}

/**
 * Verifies an access token (RFC 9068) against `policy` and returns its claims. Throws
 * `unauthenticated`, the same for every cause.
 */
export async function verifyClaims(token: unknown, policy: TokenPolicy): Promise<TokenClaims> {
  try {
    const header = TokenHeader.parse(JSON.parse(headerText(token)))
    const { payload } = await jwtVerify(token as string, keyFinder(policy.keys), {
      algorithms: [header.alg],
      typ: 'at+jwt',
      issuer: policy.issuer,
      audience: policy.audience,
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(policy.now),
    })
    const claims = TokenClaims.parse(payload)
    if (claims.iat > policy.now / 1000 + LEEWAY_SECONDS)
      throw new Error('The token was issued in the future')
    if (claims.exp - claims.iat > MAX_TTL_SECONDS)
      throw new Error("The token's lifetime is too long")
    return claims
  } catch (error) {
    throw new DomainError('unauthenticated', undefined, { cause: error })
  }
}

/** The header as text. Throws unless the token is a compact JWS in strict base64url. */
function headerText(token: unknown): string {
  if (typeof token !== 'string' || token.length > MAX_ACCESS_TOKEN_CHARS) throw new Error('size')
  const parts = token.split('.')
  // The library tolerates whitespace, padding and unused bits, so one token would have many texts.
  const isStrict = parts.every(
    (part) => Buffer.from(part, 'base64url').toString('base64url') === part,
  )
  if (parts.length !== 3 || !isStrict) throw new Error('Not a compact JWS')
  return Buffer.from(parts[0] ?? '', 'base64url').toString()
}

/** The subject of a valid access token, and its expiry (ms). */
export interface VerifiedToken {
  readonly actor: Actor
  readonly expiresAt: number
}

/** Verifies access tokens and knows which sessions have ended. */
export interface TokenVerifier {
  /**
   * For every request except a few. Throws `unauthenticated`, and `device_not_proven` until the
   * session's device has proven that it belongs to the account.
   */
  verify(token: string): Promise<VerifiedToken>
  /**
   * For requests that a log-in alone may make: its owner may have nothing but a one-time code.
   * Throws `unauthenticated`.
   */
  verifyLogIn(token: string): Promise<VerifiedToken>
  /**
   * Makes every later verification for this session fail. Idempotent: `followEndedSessions` calls
   * it for every service that shares the verifier.
   */
  endSession(sessionId: SessionId): void
}

const SottoClaims = z
  .object({ sub: AccountId, sid: SessionId, did: DeviceId, jti: z.string().min(1), exp: z.int() })
  .transform(
    ({ sub, sid, did, exp }): VerifiedToken => ({
      actor: Actor.parse({ accountId: sub, sessionId: sid, deviceId: did }),
      expiresAt: (exp + LEEWAY_SECONDS) * 1000,
    }),
  )

const MAX_REMEMBERED = 10_000
const MAX_LIVE = 100_000
// Bounded, so that a withdrawn key stops working soon.
const REMEMBER_MS = 60_000

/**
 * Verifies access tokens. A signature only proves what the signing key did; `isLive` proves that
 * the auth service opened this session, so that the signing key alone cannot impersonate anyone.
 * `isLive` is asked once per session, whose end `endSession` reports. `isProven` is asked until it
 * returns true, which is final. A token is remembered for up to a minute, so that a burst of
 * requests costs one verification.
 */
export function createTokenVerifier(options: {
  keys: () => Promise<JSONWebKeySet>
  isLive: IsLiveSession
  isProven: IsProvenSession
  issuer: string
  audience: string
  now?: () => number
}): TokenVerifier {
  const { isLive, isProven, issuer, audience, now = Date.now } = options
  const remembered = new Map<string, { verified: Promise<VerifiedToken>; until: number }>()
  const live = new Map<string, true>()
  const proven = new Map<string, true>()
  const ended = new Map<SessionId, number>()

  async function verifyAnew(token: string): Promise<VerifiedToken> {
    const policy = { keys: await options.keys(), issuer, audience, now: now() }
    const claims = SottoClaims.safeParse(await verifyClaims(token, policy))
    if (!claims.success) throw new DomainError('unauthenticated')
    await ensureLive(claims.data.actor)
    return claims.data
  }

  const ensureLive = (actor: Actor) => ensure(live, isLive, actor, 'unauthenticated')
  const ensureProven = (actor: Actor) => ensure(proven, isProven, actor, 'device_not_proven')

  async function verifyLogIn(token: string): Promise<VerifiedToken> {
    const known = remembered.get(token)
    if (known && known.until <= now()) remembered.delete(token)
    const verified = await (known && known.until > now() ? known.verified : remember(token))
    const isOver = verified.expiresAt <= now() || ended.has(verified.actor.sessionId)
    if (isOver) throw new DomainError('unauthenticated')
    return verified
  }

  function remember(token: string): Promise<VerifiedToken> {
    const verified = verifyAnew(token)
    forgetOldest(remembered, MAX_REMEMBERED)
    remembered.set(token, { verified, until: now() + REMEMBER_MS })
    verified.catch(() => remembered.delete(token))
    return verified
  }

  return {
    verifyLogIn,
    async verify(token) {
      const verified = await verifyLogIn(token)
      await ensureProven(verified.actor)
      return verified
    },
    endSession(sessionId) {
      if (ended.has(sessionId)) return
      ended.set(sessionId, now())
      // A session that ended longer ago has no token left that could still be valid.
      for (const [id, endedAt] of ended) {
        if (endedAt > now() - (MAX_TTL_SECONDS + 2 * LEEWAY_SECONDS) * 1000) break
        ended.delete(id)
      }
    },
  }
}

/**
 * Asks about a session unless `known` has it. An instance of the previous version, which cannot
 * answer, rejects no one.
 */
async function ensure(
  known: Map<string, true>,
  isSo: (actor: Actor) => Promise<boolean | undefined>,
  actor: Actor,
  otherwise: ErrorCode,
): Promise<void> {
  const name = `${actor.sessionId} ${actor.accountId} ${actor.deviceId}`
  if (known.has(name)) return
  const answer = await isSo(actor)
  if (answer === false) throw new DomainError(otherwise)
  if (answer === undefined) return
  forgetOldest(known, MAX_LIVE)
  known.set(name, true)
}

function forgetOldest(map: Map<string, unknown>, max: number) {
  if (map.size < max) return
  const oldest = map.keys().next()
  if (!oldest.done) map.delete(oldest.value)
}
