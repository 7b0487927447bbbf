import { DomainError, networkOf, type Tx } from '@sotto/service-runtime'
import {
  type ErrorDetails,
  type LoginDevice,
  REFRESH_RETRY_SECONDS,
  type RefreshRefusal,
} from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import { authBounds } from '../../retention.ts'
import { hashOfToken, newSuccessorNonce } from '../../secrets/opaque-token.ts'
import {
  nextRefreshToken,
  type RefreshToken,
  readRefreshToken,
} from '../../secrets/refresh-token.ts'
import * as refreshTokens from '../../store/refresh-tokens.ts'
import * as sessions from '../../store/sessions.ts'
import * as suspensions from '../../store/suspensions.ts'
import { announceEnded } from '../ended-sessions/end-sessions.ts'
import { type LogIn, refreshExpiry } from '../log-in/log-in.ts'
import { challengeFor } from './lost-session.ts'

/** A refresh token and its origin. */
export interface PresentedToken {
  readonly token: string
  readonly from: LoginDevice['refreshIn']
}

type Judgement = 'refuse' | 'rotate' | 'repeat' | 'stolen'

/**
 * What to do with a presented refresh token: `rotate` it, `repeat` the answer that may have been
 * lost, or end the session because it is a former token that someone else must have used.
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

/**
 * Continues a session with a new refresh token that replaces the presented one. Throws
 * `refresh_refused`: with a challenge if the database has lost the session and the device may prove
 * itself, and with a reason if the account is suspended or gone.
 */
export async function refresh(
  context: AuthContext,
  ip: string,
  presented: PresentedToken,
): Promise<LogIn> {
  await context.limits.consume('refreshByNetwork', networkOf(ip))
  const outcome = await context.sql.begin((tx) => exchange(tx, context, presented))
  context.outbox.kick()
  // After the commit, so that the detection of a stolen token persists.
  if ('logIn' in outcome) return outcome.logIn
  throw new DomainError('refresh_refused', outcome.refusal)
}

type Outcome = { readonly logIn: LogIn } | { readonly refusal: ErrorDetails | undefined }

async function exchange(
  tx: Tx,
  context: AuthContext,
  { token, from }: PresentedToken,
): Promise<Outcome> {
  const now = new Date(context.now())
  const stored = await refreshTokens.lock(tx, hashOfToken(token))
  if (!stored) return { refusal: await refusalOfUnknown(tx, context, { token, from }) }
  const { accountId, sessionId, deviceId, refreshIn } = stored

  const judgement = judge(stored, from, now)
  if (judgement === 'refuse') return { refusal: await refusalOfEnded(tx, stored) }
  if (judgement === 'stolen') {
    const ended = await sessions.end(tx, accountId, sessionId, now)
    await announceEnded(tx, context.outbox, ended)
    return { refusal: undefined }
  }
  const refreshToken =
    judgement === 'repeat' && stored.nextNonce && stored.usedAt
      ? successorOf(context, token, stored, { nonce: stored.nextNonce, at: stored.usedAt })
      : await rotate(tx, context, token, stored)
  const device = { deviceId, refreshIn }
  return { logIn: { accountId, sessionId, device, refreshToken, created: false } }
}

/**
 * Why a token that the database does not know is refused. Only a caller who got the token from this
 * server is told.
 */
async function refusalOfUnknown(
  tx: Tx,
  context: AuthContext,
  { token, from }: PresentedToken,
): Promise<ErrorDetails | undefined> {
  const claims = readRefreshToken(context.codePepper, token)
  if (claims?.refreshIn !== from) return undefined
  const standing = await suspensions.find(tx, claims.accountId)
  if (standing !== 'usual') return { reason: reasons[standing] }
  const challenge = await challengeFor(tx, context, token, from)
  return challenge === undefined ? undefined : { challenge }
}

async function refusalOfEnded(
  tx: Tx,
  { accountId, hasEnded }: refreshTokens.StoredRefreshToken,
): Promise<ErrorDetails | undefined> {
  const standing = hasEnded ? await suspensions.find(tx, accountId) : 'usual'
  return standing === 'usual' ? undefined : { reason: reasons[standing] }
}

const reasons = {
  suspended: 'account_suspended',
  gone: 'account_gone',
} as const satisfies Record<Exclude<suspensions.Standing, 'usual'>, RefreshRefusal>

/** The token that follows `token`, which was used at the moment `at`. */
function successorOf(
  { codePepper }: AuthContext,
  token: string,
  { accountId, sessionId, deviceId, refreshIn, generation }: refreshTokens.StoredRefreshToken,
  { nonce, at }: { nonce: Uint8Array; at: Date },
): RefreshToken {
  const session = { accountId, sessionId, deviceId, refreshIn }
  const claims = { ...session, generation: generation + 1, issuedAt: at.getTime() }
  return nextRefreshToken(codePepper, token, nonce, claims)
}

async function rotate(
  tx: Tx,
  context: AuthContext,
  token: string,
  stored: refreshTokens.StoredRefreshToken,
): Promise<RefreshToken> {
  const now = new Date(context.now())
  const nonce = newSuccessorNonce()
  const successor = successorOf(context, token, stored, { nonce, at: now })
  await refreshTokens.markUsed(tx, hashOfToken(token), nonce, now)
  await refreshTokens.add(tx, {
    hash: hashOfToken(successor),
    sessionId: stored.sessionId,
    generation: stored.generation + 1,
    expiresAt: refreshExpiry(now),
  })
  await refreshTokens.keepNewestUsed(tx, stored.sessionId, authBounds.usedRefreshTokens)
  await sessions.touch(tx, stored.sessionId, now)
  return successor
}
