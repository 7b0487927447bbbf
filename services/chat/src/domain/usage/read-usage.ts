import type { Sql } from '@sotto/service-runtime'
import type { Actor, Usage } from '@sotto/wire'
import * as pastRecords from '../../store/accounts/past-records.ts'
import * as devices from '../../store/devices/devices.ts'
import * as accountUsage from '../../store/usage/account-usage.ts'
import { allowanceOf, countsAllowed, type Quotas } from './quotas.ts'

/** How much the account has stored, and how much it may. */
export async function readUsage(
  { sql, quotas, now }: { sql: Sql; quotas: Quotas; now: () => number },
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
