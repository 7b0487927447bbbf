import { z } from 'zod'
import { WrapKind } from '../auth.ts'
import { Moment, Version } from '../text.ts'

/** For how many days boxes, manifests and wraps are kept that were replaced. */
export const KEPT_KEYS_DAYS = 30
/** The first days of as many times 24 hours, and the present one. */
const MAX_KEPT_DAYS = KEPT_KEYS_DAYS + 1

/** A day in UTC: `2026-11-28`. */
export const Day = z.iso.date()
export type Day = z.infer<typeof Day>

const DAY_MS = 86_400_000

/** Whether everything is still known of what there was when this day began. */
export function isKeptDay(day: Day, now: number): boolean {
  const began = Date.parse(day)
  return began <= now && began >= now - KEPT_KEYS_DAYS * DAY_MS
}

/** What of an account is kept by the chat service when it is replaced. */
export const KeptKind = z.enum(['keys', 'contacts', 'manifest'])
export type KeptKind = z.infer<typeof KeptKind>

/** The version with which a day began, and when it was replaced. */
const Kept = z.strictObject({ day: Day, version: Version, replacedAt: Moment })

/** The versions of boxes and manifest that are kept, and those that count. */
export const KeptKeys = z.strictObject({
  kept: z.array(Kept.extend({ kind: KeptKind })).max(MAX_KEPT_DAYS * KeptKind.options.length),
  current: z.strictObject({
    keys: Version.nullable(),
    contacts: Version.nullable(),
    manifest: Version.nullable(),
  }),
  /** When the account published other keys than before, last; 0 for never. */
  keysChangedAt: Moment,
})
export type KeptKeys = z.infer<typeof KeptKeys>

const Wraps = z.strictObject({
  version: z.int().nonnegative(),
  kinds: z.array(WrapKind).max(WrapKind.options.length),
})

/** The wraps that are kept, and those that count. */
export const KeptWraps = z.strictObject({
  kept: z.array(Wraps.extend({ day: Day, replacedAt: Moment })).max(MAX_KEPT_DAYS),
  current: Wraps,
})
export type KeptWraps = z.infer<typeof KeptWraps>
