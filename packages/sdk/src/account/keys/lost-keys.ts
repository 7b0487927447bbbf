import type { StoredEnvelope } from '@sotto/wire'
import type { Me } from '../state/account-state.ts'

/** Whether an envelope was accepted before this account started with new keys. */
export function isOlderThanKeys(
  { own: { keysSince } }: Me,
  { acceptedAt }: StoredEnvelope,
): boolean {
  return keysSince !== null && acceptedAt < keysSince
}
