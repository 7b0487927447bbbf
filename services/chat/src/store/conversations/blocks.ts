import type { Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'

export async function add(tx: Tx, accountId: AccountId, blockedId: AccountId, blockedAt: number) {
  await tx`
    insert into chat.blocks (account_id, blocked_id, blocked_at)
    values (${accountId}, ${blockedId}, ${blockedAt})
    on conflict do nothing`
}

export async function remove(tx: Tx, accountId: AccountId, blockedId: AccountId) {
  await tx`
    delete from chat.blocks where account_id = ${accountId} and blocked_id = ${blockedId}`
}

/** The accounts that this account blocks, latest first. */
export async function list(tx: Tx, accountId: AccountId): Promise<AccountId[]> {
  const rows = await tx<{ blockedId: AccountId }[]>`
    select blocked_id as "blockedId" from chat.blocks where account_id = ${accountId}
    order by blocked_at desc, blocked_id`
  return rows.map(({ blockedId }) => blockedId)
}

/** Whether either of the two blocks the other. */
export async function existsBetween(tx: Tx, one: AccountId, other: AccountId): Promise<boolean> {
  const rows = await tx`
    select from chat.blocks
    where (account_id = ${one} and blocked_id = ${other})
      or (account_id = ${other} and blocked_id = ${one})`
  return rows.length > 0
}
