import { DomainError } from '@sotto/service-runtime'
import { type AccountId, comparedName } from '@sotto/wire'
import type { NamedAccount, PublishedDetails } from '@sotto/wire/operator'
import type { ChatContext } from '../../context.ts'
import * as namedAccounts from '../../store/accounts/named-accounts.ts'
import * as participants from '../../store/conversations/participants.ts'
import * as devices from '../../store/devices/devices.ts'
import * as accountUsage from '../../store/usage/account-usage.ts'
import { readUsage } from '../usage/read-usage.ts'

type Context = Pick<ChatContext, 'sql' | 'quotas' | 'now'>

/** A page of accounts for the operator, filtered by a part of their names. */
export async function searchNames(
  { sql }: Context,
  { name, after, limit }: { name: string; after?: AccountId | undefined; limit: number },
): Promise<{ accounts: NamedAccount[]; next: AccountId | null }> {
  // One more than requested reveals whether there is a next page.
  const text = comparedName(name)
  const rows = await namedAccounts.search(sql, { text, after, limit: limit + 1 })
  const accounts = rows.slice(0, limit)
  return { accounts, next: rows.length > limit ? (accounts.at(-1)?.accountId ?? null) : null }
}

/**
 * Everything that the operator may see of an account in this service. Throws `account_not_found`.
 */
export async function showPublished(
  context: Context,
  accountId: AccountId,
): Promise<PublishedDetails> {
  const { sql } = context
  const [more, enrolled, conversations, usage, own] = await Promise.all([
    namedAccounts.findMore(sql, accountId),
    devices.listWithTimes(sql, accountId),
    participants.countConversations(sql, accountId),
    readUsage(context, { accountId }),
    accountUsage.find(sql, accountId),
  ])
  if (!more) throw new DomainError('account_not_found')
  return {
    accountId,
    ...more,
    devices: enrolled,
    conversations,
    usage,
    ownQuota: {
      bytes: own?.allowedBytes ?? null,
      conversations: own?.allowedConversations ?? null,
      devices: own?.allowedDevices ?? null,
    },
  }
}
