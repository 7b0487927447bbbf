import type { AccountId } from './ids.ts'

/** All accounts are divided into this many parts, by which events are routed. */
export const SHARD_COUNT = 64

/** The shard of an account: the low six bits of its random id. */
export function shardOf(accountId: AccountId): number {
  return Number.parseInt(accountId.slice(-2), 16) % SHARD_COUNT
}
