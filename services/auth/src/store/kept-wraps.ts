import type { Tx } from '@sotto/service-runtime'
import type { AccountId, Wrap } from '@sotto/wire'
import type { Day, KeptWraps } from '@sotto/wire/operator'

// For each day, the first replaced wraps are kept, so that an attacker who writes every second
// displaces nothing.

/**
 * Keeps the current wraps of an account before they change, unless they have already changed on
 * this day.
 */
export async function keep(tx: Tx, accountId: AccountId, now: Date) {
  await tx`
    insert into auth.kept_wraps (account_id, day, version, password, recovery_code, replaced_at)
    select account.id, (${now}::timestamptz at time zone 'utc')::date, account.wraps_version,
      max(ciphertext) filter (where kind = 'password'),
      max(ciphertext) filter (where kind = 'recovery_code'), ${now}::timestamptz
    from auth.accounts account join auth.wraps on account_id = account.id
    where account.id = ${accountId} group by account.id
    on conflict do nothing`
}

type Listed = KeptWraps['kept'][number]

/** The kept entries of an account, without the wraps themselves. */
export async function list(tx: Tx, accountId: AccountId): Promise<Listed[]> {
  return tx<Listed[]>`
    select day::text, version::float8,
      array_remove(array[
        case when password is not null then 'password' end,
        case when recovery_code is not null then 'recovery_code' end
      ], null) as kinds,
      floor(extract(epoch from replaced_at) * 1000)::float8 as "replacedAt"
    from auth.kept_wraps where account_id = ${accountId} order by day desc`
}

/** The wraps at the start of a day; undefined if they have not changed since. */
export async function findBeginning(
  tx: Tx,
  accountId: AccountId,
  day: Day,
): Promise<readonly Wrap[] | undefined> {
  const [row] = await tx<{ password: string | null; recovery_code: string | null }[]>`
    select password, recovery_code from auth.kept_wraps
    where account_id = ${accountId} and day >= ${day}::text::date order by day limit 1`
  if (!row) return undefined
  return (['password', 'recovery_code'] as const).flatMap((kind): Wrap[] => {
    const ciphertext = row[kind]
    return ciphertext === null ? [] : [{ kind, ciphertext }]
  })
}

/** Removes wraps that were replaced before `moment`. */
export async function removeBefore(tx: Tx, moment: Date) {
  await tx`delete from auth.kept_wraps where replaced_at < ${moment}`
}
