import type { Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'

/**
 * Whether an account exists, and whether log-ins are allowed. An account that is being removed
 * counts as gone.
 */
export type Standing = 'usual' | 'suspended' | 'gone'

export async function find(tx: Tx, id: AccountId): Promise<Standing> {
  const [row] = await tx<{ standing: Standing }[]>`
    select case
      when exists (select from auth.removals where account_id = id) then 'gone'
      when suspended_at is not null then 'suspended' else 'usual' end as standing
    from auth.accounts where id = ${id}`
  return row?.standing ?? 'gone'
}

/** Suspends an account. If it is already suspended, keeps the original moment. */
export async function add(tx: Tx, id: AccountId, now: Date) {
  await tx`
    update auth.accounts set suspended_at = ${now} where id = ${id} and suspended_at is null`
}

export async function remove(tx: Tx, id: AccountId) {
  await tx`update auth.accounts set suspended_at = null where id = ${id}`
}
