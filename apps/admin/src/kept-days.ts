import { type Day, isKeptDay, type KeptKeys, type KeptWraps } from '@sotto/wire/operator'

/** What an account had stored on the server at the start of a day. */
export interface KeptDay {
  readonly day: Day
  readonly keys: number | null
  readonly contacts: number | null
  readonly manifest: number | null
  readonly wraps: number
  /** Whether the account still has the same keys, so that this can be restored. */
  readonly hasSameKeys: boolean
}

/** The days on which something was replaced, latest first, each with the versions at its start. */
export function keptDays(keys: KeptKeys, wraps: KeptWraps, now: number): KeptDay[] {
  const days = [...new Set([...keys.kept, ...wraps.kept].map(({ day }) => day))]
  return days
    .filter((day) => isKeptDay(day, now))
    .sort()
    .reverse()
    .map((day) => {
      const of = (kind: 'keys' | 'contacts' | 'manifest') =>
        versionAt(
          keys.kept.filter((one) => one.kind === kind),
          day,
        ) ?? keys.current[kind]
      return {
        day,
        keys: of('keys'),
        contacts: of('contacts'),
        manifest: of('manifest'),
        wraps: versionAt(wraps.kept, day) ?? wraps.current.version,
        hasSameKeys: keys.keysChangedAt < Date.parse(day),
      }
    })
}

/**
 * The version at the start of a day: the first one that was replaced on this day or a later one.
 */
function versionAt(
  kept: readonly { readonly day: Day; readonly version: number }[],
  day: Day,
): number | undefined {
  const later = kept.filter((one) => one.day >= day)
  return later.sort((one, other) => (one.day < other.day ? -1 : 1))[0]?.version
}
