import type { Tx } from '@sotto/service-runtime'
import type { AccountId, BoxName, SealedBox } from '@sotto/wire'

export async function find(
  tx: Tx,
  accountId: AccountId,
  name: BoxName,
): Promise<SealedBox | undefined> {
  const [row] = await tx<SealedBox[]>`
    select version, ciphertext from chat.boxes where account_id = ${accountId} and name = ${name}`
  return row
}

/** Stores a version if it is later than the current one; false if it is not. */
export async function replace(
  tx: Tx,
  accountId: AccountId,
  name: BoxName,
  { version, ciphertext }: SealedBox,
): Promise<boolean> {
  const rows = await tx`
    insert into chat.boxes as current (account_id, name, version, ciphertext)
    values (${accountId}, ${name}, ${version}, ${ciphertext})
    on conflict (account_id, name) do update set
      version = excluded.version, ciphertext = excluded.ciphertext
    where current.version < excluded.version
    returning version`
  return rows.length === 1
}

/**
 * Stores a version whatever the current one is, for an earlier version that the operator restores.
 */
export async function putBack(
  tx: Tx,
  accountId: AccountId,
  name: BoxName,
  { version, ciphertext }: SealedBox,
) {
  await tx`
    update chat.boxes set version = ${version}, ciphertext = ${ciphertext}
    where account_id = ${accountId} and name = ${name}`
}
