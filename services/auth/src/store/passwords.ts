import type { Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import type { EmailAddress } from '../addresses/email-address.ts'

export interface StoredPassword {
  accountId: AccountId
  record: string
  version: number
}

export async function findByEmail(
  tx: Tx,
  email: EmailAddress,
): Promise<StoredPassword | undefined> {
  const [row] = await tx<StoredPassword[]>`
    select account_id as "accountId", record, version
    from auth.accounts join auth.passwords on account_id = id
    where email = ${email}`
  return row
}

/** Whether `version` is still the account's current password. */
export async function isCurrent(tx: Tx, accountId: AccountId, version: number): Promise<boolean> {
  const rows = await tx`
    select 1 from auth.passwords where account_id = ${accountId} and version = ${version}`
  return rows.length > 0
}

/** Whether the account has a password. */
export async function exists(tx: Tx, accountId: AccountId): Promise<boolean> {
  const rows = await tx`select 1 from auth.passwords where account_id = ${accountId}`
  return rows.length > 0
}

export async function remove(tx: Tx, accountId: AccountId) {
  await tx`delete from auth.passwords where account_id = ${accountId}`
}

/** Sets the first password or replaces the current one. */
export async function put(tx: Tx, accountId: AccountId, record: string, now: Date) {
  await tx`
    insert into auth.passwords as old (account_id, record, changed_at)
    values (${accountId}, ${record}, ${now})
    on conflict (account_id) do update
    set record = excluded.record, version = old.version + 1, changed_at = excluded.changed_at`
}
