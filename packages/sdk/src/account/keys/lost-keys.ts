import { recipientsOfRsa } from '@sotto/crypto'
import type { Protocol, StoredEnvelope } from '@sotto/wire'
import type { UnreadableReason } from '../../api/commands.ts'
import type { Me } from '../state/account-state.ts'

/** Why an envelope does not open: because it is wrong, or because this account has given up its key. */
export function reasonForClosed(
  protocol: Protocol,
  me: Me,
  envelope: StoredEnvelope,
): UnreadableReason {
  if (isOlderThanKeys(me, envelope)) return 'key_lost'
  if (protocol !== 'rsa') return 'cannot_decrypt'
  try {
    const kids = recipientsOfRsa(envelope.ciphertext)
    return me.keys.rsa.some(({ kid }) => kids.includes(kid)) ? 'cannot_decrypt' : 'key_lost'
  } catch {
    return 'cannot_decrypt'
  }
}

/** Whether an envelope was accepted before this account started with new keys. */
export function isOlderThanKeys(
  { own: { keysSince } }: Me,
  { acceptedAt }: StoredEnvelope,
): boolean {
  return keysSince !== null && acceptedAt < keysSince
}
