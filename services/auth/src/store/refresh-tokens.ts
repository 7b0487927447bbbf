import type { Tx } from '@sotto/service-runtime'
import type { AccountId, DeviceId, LoginDevice, SessionId } from '@sotto/wire'

/** A refresh token with the session it belongs to. */
export interface StoredRefreshToken {
  sessionId: SessionId
  accountId: AccountId
  deviceId: DeviceId
  refreshIn: LoginDevice['refreshIn']
  hasEnded: boolean
  expiresAt: Date
  usedAt: Date | null
  successorNonce: Uint8Array | null
}

export async function add(tx: Tx, hash: Buffer, sessionId: SessionId, expiresAt: Date) {
  await tx`
    insert into auth.refresh_tokens (hash, session_id, expires_at)
    values (${hash}, ${sessionId}, ${expiresAt})`
}

/** Finds a token and locks it with its session: refreshes of one session happen one by one. */
export async function lock(tx: Tx, hash: Buffer): Promise<StoredRefreshToken | undefined> {
  const [row] = await tx<StoredRefreshToken[]>`
    select session_id as "sessionId", account_id as "accountId", device_id as "deviceId",
      refresh_in as "refreshIn", ended_at is not null as "hasEnded", expires_at as "expiresAt",
      used_at as "usedAt", successor_nonce as "successorNonce"
    from auth.refresh_tokens token join auth.sessions session on session.id = session_id
    where hash = ${hash} for update of token, session`
  return row
}

export async function markUsed(tx: Tx, hash: Buffer, successorNonce: Buffer, now: Date) {
  await tx`
    update auth.refresh_tokens set used_at = ${now}, successor_nonce = ${successorNonce}
    where hash = ${hash}`
}

/** Forgets the used tokens of a session beyond the newest `keep`. */
export async function keepNewestUsed(tx: Tx, sessionId: SessionId, keep: number) {
  await tx`
    delete from auth.refresh_tokens where hash = any(array(
      select hash from auth.refresh_tokens
      where session_id = ${sessionId} and used_at is not null
      order by used_at desc offset ${keep}))`
}

/** Forgets old used tokens: who brings one is refused as if it had never been. */
export async function removeUsedBefore(tx: Tx, moment: Date) {
  await tx`delete from auth.refresh_tokens where used_at <= ${moment}`
}
