import { z } from 'zod'
import { WrapKind } from '../auth.ts'
import { Moment, Version } from '../text.ts'

/** How many days replaced boxes, manifests and wraps are kept. */
export const KEPT_KEYS_DAYS = 30
/** The starts of that many days, and the present state. */
const MAX_KEPT_DAYS = KEPT_KEYS_DAYS + 1

/** A day in UTC: `2026-11-28`. */
export const Day = z.iso.date()
export type Day = z.infer<typeof Day>

const DAY_MS = 86_400_000

/** Whether everything that existed at the start of this day is still known. */
export function isKeptDay(day: Day, now: number): boolean {
  const began = Date.parse(day)
  return began <= now && began >= now - KEPT_KEYS_DAYS * DAY_MS
}

/** What the chat service keeps of an account when it is replaced. */
export const KeptKind = z.enum(['keys', 'contacts', 'manifest'])
export type KeptKind = z.infer<typeof KeptKind>

/** The version that was current at the start of a day, and when it was replaced. */
const Kept = z.strictObject({ day: Day, version: Version, replacedAt: Moment })

/** The kept versions of boxes and manifest, and the current ones. */
export const KeptKeys = z.strictObject({
  kept: z.array(Kept.extend({ kind: KeptKind })).max(MAX_KEPT_DAYS * KeptKind.options.length),
  current: z.strictObject({
    keys: Version.nullable(),
    contacts: Version.nullable(),
    manifest: Version.nullable(),
  }),
  /** When the account last changed its published keys; 0 if it never did. */
  keysChangedAt: Moment,
})
export type KeptKeys = z.infer<typeof KeptKeys>

const Wraps = z.strictObject({
  version: z.int().nonnegative(),
  kinds: z.array(WrapKind).max(WrapKind.options.length),
})

/** The kept wraps and the current ones. */
export const KeptWraps = z.strictObject({
  kept: z.array(Wraps.extend({ day: Day, replacedAt: Moment })).max(MAX_KEPT_DAYS),
  current: Wraps,
})
export type KeptWraps = z.infer<typeof KeptWraps>
