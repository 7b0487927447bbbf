import type { Tx } from '@sotto/service-runtime'
import type { AccountId, DeviceId, LoginDevice, SessionId } from '@sotto/wire'

/** A refresh token and its session. */
export interface StoredRefreshToken {
  sessionId: SessionId
  accountId: AccountId
  deviceId: DeviceId
  refreshIn: LoginDevice['refreshIn']
  hasEnded: boolean
  generation: number
  expiresAt: Date
  usedAt: Date | null
  nextNonce: Uint8Array | null
}

export type NewRefreshToken = Pick<StoredRefreshToken, 'sessionId' | 'generation' | 'expiresAt'> & {
  hash: Buffer
}

export async function add(tx: Tx, { hash, sessionId, generation, expiresAt }: NewRefreshToken) {
  await tx`
    insert into auth.refresh_tokens (hash, session_id, generation, expires_at)
    values (${hash}, ${sessionId}, ${generation}, ${expiresAt})`
}

export async function isKnown(tx: Tx, hash: Buffer): Promise<boolean> {
  const rows = await tx`select 1 from auth.refresh_tokens where hash = ${hash}`
  return rows.length > 0
}

/**
 * Finds a token and locks it and its session, so that refreshes of a session happen one after the
 * other.
 */
export async function lock(tx: Tx, hash: Buffer): Promise<StoredRefreshToken | undefined> {
  const [row] = await tx<StoredRefreshToken[]>`
    select session_id as "sessionId", account_id as "accountId", device_id as "deviceId",
      refresh_in as "refreshIn", ended_at is not null as "hasEnded", generation,
      expires_at as "expiresAt", used_at as "usedAt", next_nonce as "nextNonce"
    from auth.refresh_tokens token join auth.sessions session on session.id = session_id
    where hash = ${hash} for update of token, session`
  return row
}

export async function markUsed(tx: Tx, hash: Buffer, nextNonce: Buffer, now: Date) {
  await tx`
    update auth.refresh_tokens set used_at = ${now}, next_nonce = ${nextNonce}
    where hash = ${hash}`
}

/** Deletes all tokens of a session. */
export async function removeOf(tx: Tx, sessionId: SessionId) {
  await tx`delete from auth.refresh_tokens where session_id = ${sessionId}`
}

/** Deletes the used tokens of a session except the newest `keep`. */
export async function keepNewestUsed(tx: Tx, sessionId: SessionId, keep: number) {
  await tx`
    delete from auth.refresh_tokens where hash = any(array(
      select hash from auth.refresh_tokens
      where session_id = ${sessionId} and used_at is not null
      order by used_at desc offset ${keep}))`
}

/** Deletes old used tokens: presenting one is then refused as if it had never existed. */
export async function removeUsedBefore(tx: Tx, moment: Date) {
  await tx`delete from auth.refresh_tokens where used_at <= ${moment}`
}
