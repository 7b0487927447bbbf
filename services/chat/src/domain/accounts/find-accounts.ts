import { DomainError, type Tx } from '@sotto/service-runtime'
import { AccountId, comparedName, type FoundAccount, type PublishedAccount } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as accounts from '../../store/accounts/accounts.ts'
import * as pastRecords from '../../store/accounts/past-records.ts'
import * as participants from '../../store/conversations/participants.ts'
import * as devices from '../../store/devices/devices.ts'

/** A page of accounts, ordered by name. */
export interface AccountPage {
  accounts: FoundAccount[]
  next: string | null
}

/**
 * Accounts whose name starts with `name`; if the directory is closed, those with exactly this name.
 */
export async function findAccounts(
  { sql, isDirectoryOpen }: ChatContext,
  query: { name?: string | undefined; after?: string | undefined; limit: number },
): Promise<AccountPage> {
  if (!isDirectoryOpen && query.name === undefined) throw new DomainError('directory_closed')
  const name = comparedName(query.name ?? '')
  const names = isDirectoryOpen ? { startingWith: name } : { equalTo: name }
  const after = parseCursor(query.after)

  // One more than requested reveals whether there is a next page.
  const rows = await accounts.search(sql, names, { after, limit: query.limit + 1 })
  const page = rows.slice(0, query.limit)
  return {
    accounts: page.map(({ accountId, name, picture }) => ({
      accountId,
      name,
      picture: encodePicture(picture),
    })),
    next: rows.length > query.limit ? (page.at(-1)?.accountId ?? null) : null,
  }
}

function parseCursor(cursor: string | undefined): AccountId | undefined {
  if (cursor === undefined) return undefined
  const parsed = AccountId.safeParse(cursor)
  if (!parsed.success) throw new DomainError('invalid_request', { field: 'querystring/after' })
  return parsed.data
}

/** What `viewer` may learn about another account. */
export async function loadAccount(
  { sql }: ChatContext,
  viewer: AccountId,
  accountId: AccountId,
): Promise<PublishedAccount> {
  const [account] = await loadAccounts(sql, viewer, [accountId])
  if (!account) throw new DomainError('account_not_found')
  return account
}

/** What an account itself has published; undefined if it has published nothing. */
export async function loadOwnAccount(
  { sql }: ChatContext,
  accountId: AccountId,
): Promise<PublishedAccount | undefined> {
  const [account] = await loadAccounts(sql, accountId, [accountId])
  return account
}

/**
 * What `viewer` may learn about these accounts; omits those that have published nothing. Strangers
 * get the record and the picture. Accounts that share a conversation also get the devices, and the
 * past records that were current since the conversation began: they may need those, and learn no
 * earlier name. They get all successions, because they may have pinned a former key before the
 * conversation began, and successions reveal nothing else.
 */
export async function loadAccounts(
  tx: Tx,
  viewer: AccountId,
  ids: readonly AccountId[],
): Promise<PublishedAccount[]> {
  const acquaintances = await participants.listAcquaintances(tx, viewer, ids)
  const knownSince = new Map(acquaintances.map(({ accountId, since }) => [accountId, since]))
  knownSince.set(viewer, Number.NEGATIVE_INFINITY)
  // Data that a stranger does not get is not even read: it may be larger than a megabyte.
  const known = ids.filter((id) => knownSince.has(id))
  const [found, allDevices, allPast] = await Promise.all([
    accounts.list(tx, ids),
    devices.list(tx, known),
    pastRecords.list(tx, known),
  ])
  return found.map(({ accountId, record, picture, successions }) => {
    const since = knownSince.get(accountId) ?? Number.POSITIVE_INFINITY
    return {
      accountId,
      record,
      picture: encodePicture(picture),
      devices: allDevices
        .filter((device) => device.accountId === accountId)
        .map(({ accountId: _, ...device }) => device),
      pastRecords: allPast
        .filter((past) => past.accountId === accountId && past.replacedAt >= since)
        .map((past) => past.record),
      ...(knownSince.has(accountId) && successions.length > 0 && { successions: [...successions] }),
    }
  })
}

function encodePicture(picture: Uint8Array | null): string | null {
  return picture && Buffer.from(picture).toString('base64url')
}
