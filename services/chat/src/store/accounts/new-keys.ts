import type { Tx } from '@sotto/service-runtime'
import type { AccountId, WaitingKeys } from '@sotto/wire'

export interface AskedKeys extends WaitingKeys {
  readonly stoppedAt: number | null
}

export async function find(
  tx: Tx,
  accountId: AccountId,
  identityKey: string,
): Promise<AskedKeys | undefined> {
  const [row] = await tx<AskedKeys[]>`
    select identity_key as "identityKey", asked_at as "askedAt", due_at as "dueAt",
      stopped_at as "stoppedAt"
    from chat.new_keys where account_id = ${accountId} and identity_key = ${identityKey}`
  return row
}

/** The ones that were not stopped, earliest first. */
export async function listWaiting(
  tx: Tx,
  accountId: AccountId,
  limit: number,
): Promise<WaitingKeys[]> {
  return tx<WaitingKeys[]>`
    select identity_key as "identityKey", asked_at as "askedAt", due_at as "dueAt"
    from chat.new_keys where account_id = ${accountId} and stopped_at is null
    order by due_at, identity_key limit ${limit}`
}

/** Records requested keys, unless they are already recorded. */
export async function ask(
  tx: Tx,
  accountId: AccountId,
  { identityKey, askedAt, dueAt }: WaitingKeys,
) {
  await tx`
    insert into chat.new_keys (account_id, identity_key, asked_at, due_at)
    values (${accountId}, ${identityKey}, ${askedAt}, ${dueAt})
    on conflict do nothing`
}

export async function stop(tx: Tx, accountId: AccountId, identityKey: string, stoppedAt: number) {
  await tx`
    insert into chat.new_keys (account_id, identity_key, asked_at, due_at, stopped_at)
    values (${accountId}, ${identityKey}, ${stoppedAt}, ${stoppedAt}, ${stoppedAt})
    on conflict (account_id, identity_key) do update set stopped_at = ${stoppedAt}`
}

export async function removeAll(tx: Tx, accountId: AccountId) {
  await tx`delete from chat.new_keys where account_id = ${accountId}`
}

/** Deletes requests from before a moment. */
export async function removeBefore(tx: Tx, accountId: AccountId, moment: number) {
  await tx`delete from chat.new_keys where account_id = ${accountId} and asked_at < ${moment}`
}
