import type { Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import type { CurrentRecord } from './accounts.ts'

/** Keeps a record that is being replaced. */
export async function keep(
  tx: Tx,
  accountId: AccountId,
  { record, version }: CurrentRecord,
  replacedAt: number,
) {
  await tx`
    insert into chat.past_records (account_id, version, record, replaced_at)
    values (${accountId}, ${version}, ${record}, ${replacedAt})`
}

/** Removes all but the newest `count` records. */
export async function keepNewest(tx: Tx, accountId: AccountId, count: number) {
  await tx`
    delete from chat.past_records where account_id = ${accountId} and version in (
      select version from chat.past_records where account_id = ${accountId}
      order by version desc offset ${count})`
}

export async function count(tx: Tx, accountId: AccountId): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int from chat.past_records where account_id = ${accountId}`
  return row?.count ?? 0
}

/** When an account last changed its published keys; 0 if it never did. */
export async function findLatestChange(tx: Tx, accountId: AccountId): Promise<number> {
  const [row] = await tx<{ replacedAt: number }[]>`
    select coalesce(max(replaced_at), 0)::float8 as "replacedAt" from chat.past_records
    where account_id = ${accountId}`
  return row?.replacedAt ?? 0
}

export interface PastRecord {
  readonly accountId: AccountId
  readonly record: string
  /** When the next record replaced it, in milliseconds; 0 if that is unknown. */
  readonly replacedAt: number
}

/** The past records of these accounts, newest first. */
export async function list(
  tx: Tx,
  accountIds: readonly AccountId[],
): Promise<readonly PastRecord[]> {
  return tx<PastRecord[]>`
    select account_id as "accountId", record, replaced_at as "replacedAt" from chat.past_records
    where account_id = any(${accountIds}::uuid[]) order by version desc`
}
