import { chatRequests, QUOTA_WARNING_SHARE } from '@sotto/wire'
import type { QuotaName, StorageUsage, UsedShare } from '../api/answers.ts'
import type { AccountContext } from './state/account-context.ts'

const refusing = ['bytes', 'conversations', 'devices'] as const satisfies readonly QuotaName[]

/** The account's storage usage, with the quotas that are nearly or completely used up. */
export async function storageUsage({ authorized }: AccountContext): Promise<StorageUsage> {
  const usage = await authorized(chatRequests.ownUsage, {})
  const full = refusing.filter((quota) => isFull(usage[quota]))
  const near = refusing.filter((quota) => !full.includes(quota) && isNear(usage[quota]))
  return { ...usage, near, full }
}

const isFull = ({ used, allowed }: UsedShare): boolean => used >= allowed
const isNear = ({ used, allowed }: UsedShare): boolean => used >= allowed * QUOTA_WARNING_SHARE
