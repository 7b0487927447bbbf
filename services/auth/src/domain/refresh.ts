import { DomainError, type Tx } from '@sotto/service-runtime'
import { type LoginDevice, REFRESH_RETRY_SECONDS } from '@sotto/wire'
import type { AuthContext } from '../context.ts'
import { authBounds } from '../retention.ts'
import * as refreshTokens from '../store/refresh-tokens.ts'
import * as sessions from '../store/sessions.ts'
import { announceEnded } from './end-sessions.ts'
import { type LogIn, refreshExpiry } from './log-in.ts'
import { networkOf } from './network-of.ts'
import { hashOfToken, newSuccessorNonce, type OpaqueToken, successorOf } from './opaque-token.ts'

/** A refresh token, and where it came from. */
export interface PresentedToken {
  readonly token: string
  readonly from: LoginDevice['refreshIn']
}

type Judgement = 'refuse' | 'rotate' | 'repeat' | 'stolen'

/**
 * What becomes of a refresh token that was presented: `rotate` it, `repeat` the answer that may have
 * been lost, or end the session because it is a former token that somebody else must have used.
 */
export function judge(
  stored: Pick<refreshTokens.StoredRefreshToken, 'expiresAt' | 'hasEnded' | 'refreshIn' | 'usedAt'>,
  from: PresentedToken['from'],
  now: Date,
): Judgement {
  const isUsable = !stored.hasEnded && stored.expiresAt > now && stored.refreshIn === from
  if (!isUsable) return 'refuse'
  if (!stored.usedAt) return 'rotate'
  const ageMs = now.getTime() - stored.usedAt.getTime()
  return ageMs <= REFRESH_RETRY_SECONDS * 1000 ? 'repeat' : 'stolen'
}

/** Continues a session with a new refresh token in place of the presented one. */
export async function refresh(
  context: AuthContext,
  ip: string,
  presented: PresentedToken,
): Promise<LogIn> {
  await context.limits.consume('refreshByNetwork', networkOf(ip))
  const logIn = await context.sql.begin((tx) => exchange(tx, context, presented))
  context.outbox.kick()
  // After the commit: that a stolen token was seen must last.
  if (!logIn) throw new DomainError('refresh_refused')
  return logIn
}

async function exchange(
  tx: Tx,
  context: AuthContext,
  { token, from }: PresentedToken,
): Promise<LogIn | undefined> {
  const now = new Date(context.now())
  const stored = await refreshTokens.lock(tx, hashOfToken(token))
  if (!stored) return undefined
  const { accountId, sessionId, deviceId, refreshIn } = stored

  const judgement = judge(stored, from, now)
  if (judgement === 'refuse') return undefined
  if (judgement === 'stolen') {
    const ended = await sessions.end(tx, accountId, sessionId, now)
    await announceEnded(tx, context.outbox, ended)
    return undefined
  }
  const refreshToken =
    judgement === 'repeat' && stored.successorNonce
      ? successorOf(token, stored.successorNonce)
      : await rotate(tx, token, sessionId, now)
  const device = { deviceId, refreshIn }
  return { accountId, sessionId, device, refreshToken, created: false }
}

async function rotate(
  tx: Tx,
  token: string,
  sessionId: refreshTokens.StoredRefreshToken['sessionId'],
  now: Date,
): Promise<OpaqueToken> {
  const nonce = newSuccessorNonce()
  const successor = successorOf(token, nonce)
  await refreshTokens.markUsed(tx, hashOfToken(token), nonce, now)
  await refreshTokens.add(tx, hashOfToken(successor), sessionId, refreshExpiry(now))
  await refreshTokens.keepNewestUsed(tx, sessionId, authBounds.usedRefreshTokens)
  await sessions.touch(tx, sessionId, now)
  return successor
}
