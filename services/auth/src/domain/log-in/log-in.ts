import { randomUUID } from 'node:crypto'
import type { Tx } from '@sotto/service-runtime'
import {
  ACCESS_TOKEN_TTL_SECONDS,
  type AccountId,
  type DeviceId,
  type LoginDevice,
  REFRESH_TOKEN_TTL_SECONDS,
  SessionId,
  type TokenAnswer,
} from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import { authBounds } from '../../retention.ts'
import { newKnownDevice } from '../../secrets/known-device.ts'
import { hashOfToken } from '../../secrets/opaque-token.ts'
import { newRefreshToken, type RefreshToken } from '../../secrets/refresh-token.ts'
import * as accounts from '../../store/accounts.ts'
import * as refreshTokens from '../../store/refresh-tokens.ts'
import * as sessions from '../../store/sessions.ts'
import { refuseSuspended } from '../accounts/suspend-account.ts'
import { rememberNetwork } from '../codes/known-network.ts'
import { announceEnded } from '../ended-sessions/end-sessions.ts'

/** The maximum number of sessions of an account. When a new one starts, the oldest end. */
const MAX_SESSIONS = 64

/** Longer than the lifetime of access tokens of an ended session. */
const TOKENS_OUTLIVED_MS = 60 * 60 * 1000

/** A session with the refresh token that continues it. */
export interface LogIn {
  readonly accountId: AccountId
  readonly sessionId: SessionId
  readonly device: Pick<LoginDevice, 'deviceId' | 'refreshIn'>
  readonly refreshToken: RefreshToken
  /** Whether this log-in created the account. */
  readonly created: boolean
  /** Makes this device a known one; undefined if an existing session continues. */
  readonly knownDevice?: string
}

/** The device that logs in, and its network. */
interface Opener {
  readonly device: LoginDevice
  readonly ip: string
}

/**
 * Opens a session for a device, in the transaction that verified the person. Throws
 * `account_suspended`.
 */
export async function openSession(
  tx: Tx,
  context: AuthContext,
  { accountId, device, created, ip }: Pick<LogIn, 'accountId' | 'created'> & Opener,
): Promise<LogIn> {
  const { outbox, codePepper, now } = context
  const moment = new Date(now())
  const address = await accounts.lock(tx, accountId)
  if (!address) throw new Error('The account that logs in does not exist')
  await refuseSuspended(tx, accountId)
  const { deviceId, refreshIn } = device
  await announceEnded(tx, outbox, await endReplaced(tx, accountId, deviceId, moment))
  await sessions.removeOldEnded(tx, accountId, {
    keep: authBounds.endedSessions,
    moment: new Date(moment.getTime() - TOKENS_OUTLIVED_MS),
  })

  const sessionId = SessionId.parse(randomUUID())
  const claims = { accountId, sessionId, deviceId, refreshIn }
  const first = { ...claims, generation: 0, issuedAt: moment.getTime() }
  const refreshToken = newRefreshToken(codePepper, first)
  await sessions.add(tx, { id: sessionId, accountId, device, now: moment })
  await refreshTokens.add(tx, {
    hash: hashOfToken(refreshToken),
    sessionId,
    generation: 0,
    expiresAt: refreshExpiry(moment),
  })
  await rememberNetwork(tx, context, { accountId, address, ip })
  const knownDevice = newKnownDevice(codePepper, address)
  return { accountId, sessionId, device, refreshToken, created, knownDevice }
}

/**
 * Ends the sessions that a new one of the device replaces, and those beyond the account's maximum.
 */
export function endReplaced(
  tx: Tx,
  accountId: AccountId,
  deviceId: DeviceId,
  now: Date,
): Promise<sessions.EndedSession[]> {
  return sessions.endReplaced(tx, accountId, deviceId, MAX_SESSIONS - 1, now)
}

/** The expiry of a refresh token that is issued now. */
export const refreshExpiry = (now: Date): Date =>
  new Date(now.getTime() + REFRESH_TOKEN_TTL_SECONDS * 1000)

/** The tokens of a log-in or a refresh, after its commit. */
export async function tokenAnswer(
  { tokens, now }: AuthContext,
  { accountId, sessionId, device, refreshToken, created, knownDevice }: LogIn,
): Promise<TokenAnswer> {
  const { deviceId, refreshIn } = device
  return {
    access_token: await tokens.issue({ accountId, deviceId, sessionId }, now()),
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_TTL_SECONDS,
    ...(refreshIn === 'body' && { refresh_token: refreshToken }),
    refresh_expires_in: REFRESH_TOKEN_TTL_SECONDS,
    account_id: accountId,
    session_id: sessionId,
    device_id: deviceId,
    created,
    ...(knownDevice !== undefined && { known_device: knownDevice }),
  }
}
