import { DomainError } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import type { AccountDetails, ListedAccount } from '@sotto/wire/operator'
import type { AuthContext } from '../../context.ts'
import * as accountList from '../../store/account-list.ts'
import * as sessions from '../../store/sessions.ts'

type Context = Pick<AuthContext, 'sql' | 'now'>

/** A page of accounts for the operator. */
export async function searchAccounts(
  { sql }: Context,
  search: accountList.AccountSearch,
): Promise<{ accounts: ListedAccount[]; next: AccountId | null }> {
  // One more than requested reveals whether there is a next page.
  const rows = await accountList.search(sql, { ...search, limit: search.limit + 1 })
  const accounts = rows.slice(0, search.limit)
  const isMore = rows.length > search.limit
  return { accounts, next: isMore ? (accounts.at(-1)?.accountId ?? null) : null }
}

/**
 * Everything that the operator may see of an account in this service. Throws `account_not_found`.
 */
export async function showAccount(
  { sql, now }: Context,
  accountId: AccountId,
): Promise<AccountDetails> {
  const [[account], more, liveSessions] = await Promise.all([
    accountList.list(sql, [accountId]),
    accountList.findMore(sql, accountId, new Date(now())),
    sessions.listLive(sql, accountId),
  ])
  if (!account || !more) throw new DomainError('account_not_found')
  return { ...account, ...more, liveSessions }
}
