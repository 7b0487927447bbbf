import type { Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'

/**
 * Locks these accounts until the transaction ends. The lock protects everything that must not
 * change concurrently: an account's record, its devices, its blocks, and the conversations of a
 * pair.
 */
export async function lock(tx: Tx, ids: readonly AccountId[]) {
  // Advisory, because an account may have no row yet. Sorted, to prevent deadlocks.
  await tx`
    select pg_advisory_xact_lock(hashtextextended(id, 0))
    from unnest(${[...ids].sort()}::text[]) as id`
}

/** The current record of an account. */
export interface CurrentRecord {
  readonly record: string
  readonly version: number
  /** How the account arrived at its identity key: statements, latest first. */
  readonly successions: readonly string[]
}

export async function findRecord(tx: Tx, id: AccountId): Promise<CurrentRecord | undefined> {
  const [row] = await tx<CurrentRecord[]>`
    select record, record_version as version, successions
    from chat.accounts where account_id = ${id}`
  return row
}

/** The published data of an account, without devices and past records. */
export interface Account {
  readonly accountId: AccountId
  readonly record: string
  readonly name: string
  readonly picture: Uint8Array | null
  readonly successions: readonly string[]
}

export async function list(tx: Tx, ids: readonly AccountId[]): Promise<readonly Account[]> {
  return tx<Account[]>`
    select account_id as "accountId", record, name, picture, successions from chat.accounts
    where account_id = any(${ids}::uuid[]) order by account_id`
}

export async function countPublished(tx: Tx, ids: readonly AccountId[]): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*) from chat.accounts where account_id = any(${ids}::uuid[])`
  return row?.count ?? 0
}

/** The rows to write when an account publishes. */
export interface Publication extends Account {
  readonly version: number
  readonly searchName: string
}

/** Replaces an account's published data. */
export async function publish(tx: Tx, publication: Publication, publishedAt: number) {
  const { accountId, record, version, name, searchName, picture, successions } = publication
  await tx`
    insert into chat.accounts
      (account_id, record, record_version, name, search_name, picture, published_at, successions)
    values (
      ${accountId}, ${record}, ${version}, ${name}, ${searchName}, ${picture}, ${publishedAt},
      ${[...successions]}::text[]
    )
    on conflict (account_id) do update set
      record = excluded.record,
      record_version = excluded.record_version,
      name = excluded.name,
      search_name = excluded.search_name,
      picture = excluded.picture,
      published_at = excluded.published_at,
      successions = excluded.successions`
}

export type FoundAccountRow = Pick<Account, 'accountId' | 'name' | 'picture'>

/** Accounts ordered by name, after the account `after`. */
export async function search(
  tx: Tx,
  names: { startingWith: string } | { equalTo: string },
  { after, limit }: { after: AccountId | undefined; limit: number },
): Promise<readonly FoundAccountRow[]> {
  // A range instead of `like`: it uses the index whatever the parameter is, and has no wildcards.
  const isNamed =
    'equalTo' in names
      ? tx`search_name = ${names.equalTo}`
      : tx`search_name >= ${names.startingWith}
          and search_name < ${names.startingWith} || chr(1114111)
          and starts_with(search_name, ${names.startingWith})`
  const isBehind = after
    ? tx`and (search_name, account_id) > (
        select search_name, account_id from chat.accounts where account_id = ${after}
      )`
    : tx``
  return tx<FoundAccountRow[]>`
    select account_id as "accountId", name, picture from chat.accounts
    where ${isNamed} ${isBehind}
    order by search_name, account_id limit ${limit}`
}
