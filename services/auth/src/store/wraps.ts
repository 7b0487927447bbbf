import type { Tx } from '@sotto/service-runtime'
import type { AccountId, Wrap, WrapKind } from '@sotto/wire'

export async function list(tx: Tx, accountId: AccountId): Promise<Wrap[]> {
  return tx<Wrap[]>`
    select kind, ciphertext from auth.wraps where account_id = ${accountId} order by kind`
}

/** How often the wraps were written; 0 before the first time. */
export async function findVersion(tx: Tx, accountId: AccountId): Promise<number> {
  const [row] = await tx<{ version: number }[]>`
    select wraps_version::float8 as version from auth.accounts where id = ${accountId}`
  return row?.version ?? 0
}

export async function setVersion(tx: Tx, accountId: AccountId, version: number) {
  await tx`update auth.accounts set wraps_version = ${version} where id = ${accountId}`
}

export async function put(tx: Tx, accountId: AccountId, { kind, ciphertext }: Wrap) {
  await tx`
    insert into auth.wraps (account_id, kind, ciphertext)
    values (${accountId}, ${kind}, ${ciphertext})
    on conflict (account_id, kind) do update set ciphertext = excluded.ciphertext`
}

export async function remove(tx: Tx, accountId: AccountId, kind: WrapKind) {
  await tx`delete from auth.wraps where account_id = ${accountId} and kind = ${kind}`
}

export async function removeAll(tx: Tx, accountId: AccountId) {
  await tx`delete from auth.wraps where account_id = ${accountId}`
}
