import { z } from 'zod'
import { Moment } from './text.ts'

/**
 * How much of something is used, and how much is allowed. Usage may exceed the quota, because a
 * quota can be lowered.
 */
export const Share = z.strictObject({
  used: z.int().nonnegative(),
  allowed: z.int().nonnegative(),
})
export type Share = z.infer<typeof Share>

/** How much an account has stored on the server, and how much it may store. */
export const Usage = z.strictObject({
  /** Envelopes that it sent and conversations that it started, including the size of their rows. */
  bytes: Share,
  /** The same, stored during the current hour. */
  bytesThisHour: Share,
  /** Conversations that it started. */
  conversations: Share,
  /** Including revoked ones. */
  devices: Share,
  /**
   * Former account records with other keys. When the quota is reached, the oldest is deleted and
   * nothing is refused.
   */
  pastRecords: Share,
  /** When a new account gets the regular quota; null if it already has it. */
  youngUntil: Moment.nullable(),
})
export type Usage = z.infer<typeof Usage>
