import { Bytes32, ConversationId, MAX_OWN_KEY_ENDS } from '@sotto/wire'
import { z } from 'zod'

/**
 * An identity key (raw Ed25519) that a contact, or this account, no longer uses, and the messages
 * for which it still counts.
 */
export const FormerKey = z.strictObject({
  identityKey: Bytes32,
  /** When the person accepted the key that replaced it, by that device's clock. */
  replacedAt: z.int().nonnegative(),
  /**
   * For each conversation, the last seq at which this key counts. In a conversation that is not
   * listed, it does not count.
   */
  ends: z
    .array(z.strictObject({ conversation: ConversationId, seq: z.int().nonnegative() }))
    .max(MAX_OWN_KEY_ENDS),
  /** Set if this key signed its replacement; absent if the person accepted the replacement. */
  renewed: z.literal(true).optional(),
})
export type FormerKey = z.infer<typeof FormerKey>
