import type { AccountId } from './ids.ts'

/** The number of shards into which accounts are divided. Events are routed by shard. */
export const SHARD_COUNT = 64

/** The shard of an account: the low six bits of its random id. */
export function shardOf(accountId: AccountId): number {
  return Number.parseInt(accountId.slice(-2), 16) % SHARD_COUNT
}
