import type { ProvenDevice, Tx } from '@sotto/service-runtime'
import { type LoginDevice, Moment, REFRESH_TOKEN_TTL_SECONDS } from '@sotto/wire'
import { z } from 'zod'
import type { AuthContext } from '../../context.ts'
import { authRetention } from '../../retention.ts'
import { hashOfToken } from '../../secrets/opaque-token.ts'
import { RefreshClaims, readRefreshToken } from '../../secrets/refresh-token.ts'
import { makeServerText, readServerText } from '../../secrets/server-text.ts'
import * as accounts from '../../store/accounts.ts'
import * as refreshTokens from '../../store/refresh-tokens.ts'
import * as sessions from '../../store/sessions.ts'
import * as suspensions from '../../store/suspensions.ts'
import { announceEnded } from '../ended-sessions/end-sessions.ts'
import { endReplaced } from '../log-in/log-in.ts'
import { proveInTurn } from './prove-log-in.ts'

// Note: a lost session. A database that was restored from a backup, or set back by a failover, does
// not know the refresh tokens that were issued afterwards. A token's MAC proves that this server
// issued it, and the rules of `isLost` prove that the database has forgotten it and did not remove
// it. That alone is no log-in, because a thief with a stolen token could prove as much. The device
// must also sign a challenge with the key that its account's identity key vouches for. It sends the
// signature to the chat service, which knows the account's keys and revocations and notifies us.

const CHALLENGE_LIVES_MS = 10 * 60 * 1000
/** Instances compare times from different clocks. */
const CLOCKS_DIFFER_MS = 5 * 60 * 1000
const PURPOSE = 'lost session'

/** The subject of a challenge. */
const Lost = z.strictObject({
  claims: RefreshClaims,
  /** The token's hash, base64url. */
  hash: z.string().length(43),
  until: Moment,
})

/** What the database knows about the session that a token names. */
export interface KnownOfSession {
  readonly hasAccount: boolean
  /** Undefined if there is no such session. */
  readonly session: sessions.RememberedSession | undefined
  /** Whether the device has logged in again since then. */
  readonly hasLaterSession: boolean
}

/** Whether the database must have forgotten an authentic token that it does not know. */
export function isLost(
  { generation, issuedAt }: Pick<RefreshClaims, 'generation' | 'issuedAt'>,
  { hasAccount, session, hasLaterSession }: KnownOfSession,
  now: number,
): boolean {
  const age = now - issuedAt
  if (!hasAccount || hasLaterSession || age >= REFRESH_TOKEN_TTL_SECONDS * 1000) return false
  // Ended sessions are remembered for longer than any of their tokens are valid.
  if (!session) return true
  if (session.hasEnded) return false
  // Either the token is from after the backup, or it was used, and used tokens are remembered for a
  // time.
  const isRemembered = age < authRetention.refresh_tokens * 1000 - CLOCKS_DIFFER_MS
  return generation > session.generation || isRemembered
}

/** The challenge that a device must sign to continue, if the database has lost `token`. */
export async function challengeFor(
  tx: Tx,
  { codePepper, now }: AuthContext,
  token: string,
  from: LoginDevice['refreshIn'],
): Promise<string | undefined> {
  const claims = readRefreshToken(codePepper, token)
  if (claims?.refreshIn !== from || !isLost(claims, await lookUp(tx, claims), now()))
    return undefined
  const hash = hashOfToken(token).toString('base64url')
  const lost = { claims, hash, until: now() + CHALLENGE_LIVES_MS }
  return makeServerText(codePepper, PURPOSE, lost)
}

async function lookUp(tx: Tx, claims: RefreshClaims): Promise<KnownOfSession> {
  return {
    hasAccount: await accounts.exists(tx, claims.accountId),
    session: await sessions.remember(tx, claims.sessionId),
    hasLaterSession: await sessions.hasLater(tx, claims, new Date(claims.issuedAt)),
  }
}

/**
 * Restores a lost session for a device that has answered the challenge. Its token becomes valid
 * again, and the tokens that the database had for the session are deleted, because someone else may
 * have used them since. Idempotent. Returns whether the token is now known.
 */
export async function resumeSession(context: AuthContext, proven: ProvenDevice): Promise<boolean> {
  const { sql, outbox, codePepper, now, log } = context
  const lost = readServerText(codePepper, PURPOSE, proven.challenge, Lost)
  const isMeant =
    lost !== undefined &&
    lost.until > now() &&
    lost.claims.accountId === proven.accountId &&
    lost.claims.deviceId === proven.deviceId
  if (!isMeant) return false
  const { claims, hash } = lost
  const isResumed = await sql.begin(async (tx) => {
    await accounts.lock(tx, claims.accountId)
    if ((await suspensions.find(tx, claims.accountId)) !== 'usual') return false
    const bytes = Buffer.from(hash, 'base64url')
    if (await refreshTokens.isKnown(tx, bytes)) return true
    const known = await lookUp(tx, claims)
    if (!isLost(claims, known, now())) return false
    const moment = new Date(now())
    if (known.session) {
      // Repeated after the session is locked: a concurrent refresh with one of these tokens has
      // created the next one.
      await refreshTokens.removeOf(tx, claims.sessionId)
      await sessions.touch(tx, claims.sessionId, moment)
      await refreshTokens.removeOf(tx, claims.sessionId)
    } else {
      const { accountId, deviceId, refreshIn, sessionId: id } = claims
      await announceEnded(tx, outbox, await endReplaced(tx, accountId, deviceId, moment))
      await sessions.add(tx, { id, accountId, device: { deviceId, refreshIn }, now: moment })
    }
    await proveInTurn(tx, outbox, claims, moment)
    await refreshTokens.add(tx, {
      hash: bytes,
      sessionId: claims.sessionId,
      generation: claims.generation,
      expiresAt: new Date(claims.issuedAt + REFRESH_TOKEN_TTL_SECONDS * 1000),
    })
    return true
  })
  outbox.kick()
  if (isResumed) log.info('a session that the database had lost was restored')
  return isResumed
}
