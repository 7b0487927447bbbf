import type { Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'

/** Marks an account for removal. */
export async function add(tx: Tx, accountId: AccountId, now: Date) {
  await tx`
    insert into auth.removals (account_id, asked_at) values (${accountId}, ${now})
    on conflict do nothing`
}

/** Whether an account is marked for removal. */
export async function exists(tx: Tx, accountId: AccountId): Promise<boolean> {
  const rows = await tx`select from auth.removals where account_id = ${accountId}`
  return rows.length > 0
}

/** Accounts whose removal is not complete, oldest first. */
export async function list(tx: Tx, limit: number): Promise<AccountId[]> {
  const rows = await tx<{ accountId: AccountId }[]>`
    select account_id as "accountId" from auth.removals order by asked_at limit ${limit}`
  return rows.map(({ accountId }) => accountId)
}

/** Deletes every row of an account. */
export async function carryOut(tx: Tx, accountId: AccountId) {
  await tx`
    delete from auth.challenges where address in (
      select unnest(array[phone, email]) from auth.accounts where id = ${accountId}
    )`
  await tx`
    delete from auth.tickets where account_id = ${accountId} or email = (
      select email from auth.accounts where id = ${accountId}
    )`
  await tx`delete from auth.login_attempts where account_id = ${accountId}`
  await tx`delete from auth.passwords where account_id = ${accountId}`
  await tx`delete from auth.wraps where account_id = ${accountId}`
  await tx`delete from auth.kept_wraps where account_id = ${accountId}`
  await tx`delete from auth.known_networks where account_id = ${accountId}`
  await tx`delete from auth.invitations where made_by = ${accountId}`
  await tx`delete from auth.sessions where account_id = ${accountId}`
  await tx`delete from auth.removals where account_id = ${accountId}`
  await tx`delete from auth.accounts where id = ${accountId}`
}
