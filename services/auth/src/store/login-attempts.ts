import type { Tx } from '@sotto/service-runtime'
import type { AccountId, ChallengeId } from '@sotto/wire'

/** A password log-in between its two requests; without an account for unknown addresses. */
export interface LoginAttempt {
  accountId: AccountId | null
  passwordVersion: number | null
  serverState: string
}

export async function add(tx: Tx, id: ChallengeId, attempt: LoginAttempt, expiresAt: Date) {
  const { accountId, passwordVersion, serverState } = attempt
  await tx`
    insert into auth.login_attempts (id, account_id, password_version, server_state, expires_at)
    values (${id}, ${accountId}, ${passwordVersion}, ${serverState}, ${expiresAt})`
}

/** Removes an attempt and returns it, so that it works only once. */
export async function consume(
  tx: Tx,
  id: ChallengeId,
  now: Date,
): Promise<LoginAttempt | undefined> {
  const [row] = await tx<LoginAttempt[]>`
    delete from auth.login_attempts where id = ${id} and expires_at > ${now}
    returning account_id as "accountId", password_version as "passwordVersion",
      server_state as "serverState"`
  return row
}

export async function removeExpired(tx: Tx, now: Date) {
  await tx`delete from auth.login_attempts where expires_at <= ${now}`
}
