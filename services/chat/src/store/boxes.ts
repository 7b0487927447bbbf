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

/** Stores the version that follows the one that is there. False when `box` is another. */
export async function replace(
  tx: Tx,
  accountId: AccountId,
  name: BoxName,
  { version, ciphertext }: SealedBox,
): Promise<boolean> {
  const rows = await tx`
    insert into chat.boxes as current (account_id, name, version, ciphertext)
    select ${accountId}, ${name}, ${version}, ${ciphertext}
    where ${version}::bigint = 1 or exists (
      select from chat.boxes where account_id = ${accountId} and name = ${name}
    )
    on conflict (account_id, name) do update set
      version = excluded.version, ciphertext = excluded.ciphertext
    where current.version = excluded.version - 1
    returning version`
  return rows.length === 1
}
