import { i18n } from '@lingui/core'
import { plural, t } from '@lingui/core/macro'

const formats = {
  time: { hour: 'numeric', minute: '2-digit' },
  weekday: { weekday: 'short' },
  shortDay: { day: 'numeric', month: 'short' },
  longDay: { weekday: 'long', day: 'numeric', month: 'long' },
  dayAndYear: { dateStyle: 'medium' },
  exact: { dateStyle: 'full', timeStyle: 'medium' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

/** Lingui caches the formatter for each language and format. */
const inFormat = (moment: number, format: keyof typeof formats): string =>
  i18n.date(new Date(moment), formats[format])

const DAY = 86_400_000

const startOfDay = (moment: number): number => new Date(moment).setHours(0, 0, 0, 0)

/** How many midnights lie between a moment and now. */
const daysAgo = (moment: number, now: number): number =>
  Math.round((startOfDay(now) - startOfDay(moment)) / DAY)

export const isSameDay = (a: number, b: number): boolean => startOfDay(a) === startOfDay(b)

export const timeOf = (moment: number): string => inFormat(moment, 'time')

/** With date and seconds, for precise information. */
export const exactTimeOf = (moment: number): string => inFormat(moment, 'exact')

/** Only the day of a moment, which may be in the future. */
export const dateOf = (moment: number): string => inFormat(moment, 'longDay')

/** For a narrow place: the time today, otherwise the day. */
export function shortMoment(moment: number, now = Date.now()): string {
  const days = daysAgo(moment, now)
  if (days <= 0) return inFormat(moment, 'time')
  if (days === 1) return t`Yesterday`
  if (days < 7) return inFormat(moment, 'weekday')
  return inFormat(moment, days < 300 ? 'shortDay' : 'dayAndYear')
}

/** The name of a day between messages. */
export function dayName(moment: number, now = Date.now()): string {
  const days = daysAgo(moment, now)
  if (days <= 0) return t`Today`
  if (days === 1) return t`Yesterday`
  return inFormat(moment, days < 300 ? 'longDay' : 'dayAndYear')
}

/** A number of bytes in words. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1024) return plural(bytes, { one: '# byte', other: '# bytes' })
  const kilobytes = bytes / 1024
  const rounded = i18n.number(kilobytes, { maximumFractionDigits: kilobytes < 10 ? 1 : 0 })
  return t`${rounded} KB`
}
