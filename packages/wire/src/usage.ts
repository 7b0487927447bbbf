import { z } from 'zod'
import { Moment } from './text.ts'

/** How much is used of something, and how much is allowed. More may be used: a quota can be lowered. */
export const Share = z.strictObject({
  used: z.int().nonnegative(),
  allowed: z.int().nonnegative(),
})
export type Share = z.infer<typeof Share>

/** What an account has stored on the server, and what it may. */
export const Usage = z.strictObject({
  /** Of the envelopes that it sent and the conversations that it began, with the room of their rows. */
  bytes: Share,
  /** The same, stored in the hour under way. */
  bytesThisHour: Share,
  /** That it began. */
  conversations: Share,
  /** Revoked ones included. */
  devices: Share,
  /** Former account records with other keys. At their quota the oldest goes, and nothing is refused. */
  pastRecords: Share,
  /** When an account that is new here gets the quota of all others; null when it has it. */
  youngUntil: Moment.nullable(),
})
export type Usage = z.infer<typeof Usage>
