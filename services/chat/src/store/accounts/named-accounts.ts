import type { Fragment, Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import type { NamedAccount, OwnQuota } from '@sotto/wire/operator'

/** Accounts with `text` in their names, ordered by name, after the account `after`. */
export async function search(
  tx: Tx,
  { text, after, limit }: { text: string; after: AccountId | undefined; limit: number },
): Promise<NamedAccount[]> {
  const isBehind = after
    ? tx`and (search_name, a.account_id) > (
        select search_name, account_id from chat.accounts where account_id = ${after}
      )`
    : tx``
  return select(
    tx,
    tx`where position(${text} in search_name) > 0 ${isBehind}
      order by search_name, a.account_id limit ${limit}`,
  )
}

/** The accounts of this list that have published something. */
export async function list(tx: Tx, ids: readonly AccountId[]): Promise<NamedAccount[]> {
  return select(tx, tx`where a.account_id = any(${ids}::uuid[])`)
}

/** The accounts that have stored the most. */
export async function listLargest(tx: Tx, limit: number): Promise<NamedAccount[]> {
  return select(tx, tx`order by coalesce(u.bytes, 0) desc, a.account_id limit ${limit}`)
}

function select(tx: Tx, which: Fragment) {
  return tx<NamedAccount[]>`
    select a.account_id as "accountId", name, coalesce(u.bytes, 0) as bytes
    from chat.accounts a left join chat.account_usage u on u.account_id = a.account_id ${which}`
}

/** The details of a published account that lists omit. */
export interface MoreOfPublished {
  readonly name: string
  readonly publishedAt: number
  readonly hasPicture: boolean
}

export async function findMore(tx: Tx, id: AccountId): Promise<MoreOfPublished | undefined> {
  const [row] = await tx<MoreOfPublished[]>`
    select name, published_at as "publishedAt", picture is not null as "hasPicture"
    from chat.accounts where account_id = ${id}`
  return row
}

/** Sets the given parts of an account's own quota; undefined if it has published nothing. */
export async function setQuota(
  tx: Tx,
  accountId: AccountId,
  { bytes, conversations, devices }: { [K in keyof OwnQuota]?: OwnQuota[K] | undefined },
): Promise<OwnQuota | undefined> {
  const [row] = await tx<OwnQuota[]>`
    update chat.account_usage set
      allowed_bytes = case when ${bytes !== undefined}::boolean
        then ${bytes ?? null}::bigint else allowed_bytes end,
      allowed_conversations = case when ${conversations !== undefined}::boolean
        then ${conversations ?? null}::integer else allowed_conversations end,
      allowed_devices = case when ${devices !== undefined}::boolean
        then ${devices ?? null}::integer else allowed_devices end
    where account_id = ${accountId}
    returning allowed_bytes as bytes, allowed_conversations as conversations,
      allowed_devices as devices`
  return row
}
