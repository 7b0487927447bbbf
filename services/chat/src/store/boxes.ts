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

/**
 * Stores a later version than the one that is there; false when it is not later. Devices count up by
 * one, so of two that write at the same time the second is refused. Versions are skipped only where
 * the database was wound back to a backup and a device knows more than it.
 */
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
