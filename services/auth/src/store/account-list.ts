import type { Fragment, Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import type { AccountDetails, ListedAccount } from '@sotto/wire/operator'

/** Parts of a number or of an address; all accounts without either. */
export interface AccountSearch {
  readonly digits?: string | undefined
  readonly email?: string | undefined
  readonly after?: AccountId | undefined
  readonly limit: number
}

/** Accounts in the operator's view, newest first. */
export async function search(
  tx: Tx,
  { digits, email, after, limit }: AccountSearch,
): Promise<ListedAccount[]> {
  const hasDigits = digits === undefined ? tx`` : tx`and position(${digits} in phone) > 0`
  const hasEmail = email === undefined ? tx`` : tx`and position(lower(${email}) in email) > 0`
  const isBehind =
    after === undefined
      ? tx``
      : tx`and (a.created_at, a.id) < (
          select created_at, id from auth.accounts where id = ${after}
        )`
  return select(tx, tx`true ${hasDigits} ${hasEmail} ${isBehind}`, tx`limit ${limit}`)
}

/** The accounts of this list that exist. */
export async function list(tx: Tx, ids: readonly AccountId[]): Promise<ListedAccount[]> {
  return select(tx, tx`a.id = any(${ids}::uuid[])`, tx``)
}

function select(tx: Tx, which: Fragment, limited: Fragment) {
  return tx<ListedAccount[]>`
    select a.id as "accountId", phone, email,
      floor(extract(epoch from a.created_at) * 1000)::bigint as "createdAt",
      floor(extract(epoch from suspended_at) * 1000)::bigint as "suspendedAt",
      floor(extract(epoch from asked_at) * 1000)::bigint as "removalAskedAt",
      (
        select count(*)::int from auth.sessions
        where account_id = a.id and ended_at is null
      ) as sessions,
      (
        select floor(extract(epoch from max(last_used_at)) * 1000)::bigint
        from auth.sessions where account_id = a.id
      ) as "lastUsedAt"
    from auth.accounts a left join auth.removals r on r.account_id = a.id
    where ${which}
    order by a.created_at desc, a.id desc ${limited}`
}

/** The details that a list omits. */
export type MoreOfAccount = Omit<AccountDetails, keyof ListedAccount | 'liveSessions'>

export async function findMore(
  tx: Tx,
  id: AccountId,
  now: Date,
): Promise<MoreOfAccount | undefined> {
  const [row] = await tx<MoreOfAccount[]>`
    select findable,
      exists (select from auth.passwords where account_id = ${id}) as "hasPassword",
      exists (
        select from auth.wraps where account_id = ${id} and kind = 'recovery_code'
      ) as "hasRecoveryCode",
      (
        select count(*)::int from auth.sessions
        where account_id = ${id} and ended_at is not null
      ) as "endedSessions",
      (
        select count(*)::int from auth.invitations
        where made_by = ${id} and uses_left > 0 and expires_at > ${now}
      ) as invitations
    from auth.accounts where id = ${id}`
  return row
}
