import type { Actor, Usage } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import * as accountUsage from '../store/account-usage.ts'
import * as devices from '../store/devices.ts'
import * as pastRecords from '../store/past-records.ts'
import { allowanceOf, countsAllowed } from './quotas.ts'

/** What the account has stored, and what it may. */
export async function readUsage(
  { sql, quotas, now }: Pick<ChatContext, 'sql' | 'quotas' | 'now'>,
  { accountId }: Pick<Actor, 'accountId'>,
): Promise<Usage> {
  const [usage, deviceCount, pastRecordCount] = await Promise.all([
    accountUsage.find(sql, accountId),
    devices.count(sql, accountId),
    pastRecords.count(sql, accountId),
  ])
  const allowed = countsAllowed(usage, quotas)
  return {
    ...allowanceOf(usage, quotas, now()),
    conversations: { used: usage?.conversations ?? 0, allowed: allowed.conversations },
    devices: { used: deviceCount, allowed: allowed.devices },
    pastRecords: { used: pastRecordCount, allowed: quotas.pastRecords },
  }
}
