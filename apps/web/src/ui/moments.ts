const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' })
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const longDay = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
})
const dayAndYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

const DAY = 86_400_000

const startOfDay = (moment: number): number => new Date(moment).setHours(0, 0, 0, 0)

/** How many midnights lie between a moment and now. */
const daysAgo = (moment: number, now: number): number =>
  Math.round((startOfDay(now) - startOfDay(moment)) / DAY)

export const isSameDay = (a: number, b: number): boolean => startOfDay(a) === startOfDay(b)

export const timeOf = (moment: number): string => time.format(moment)

/** With date and seconds, for who wants to know exactly. */
export const exactTimeOf = (moment: number): string => exact.format(moment)

/** The day alone, of a moment that may lie ahead. */
export const dateOf = (moment: number): string => longDay.format(moment)

/** For a narrow place: the time today, else the day. */
export function shortMoment(moment: number, now = Date.now()): string {
  const days = daysAgo(moment, now)
  if (days <= 0) return time.format(moment)
  if (days === 1) return 'Yesterday'
  if (days < 7) return weekday.format(moment)
  return days < 300 ? shortDay.format(moment) : dayAndYear.format(moment)
}

/** The name of a day between messages. */
export function dayName(moment: number, now = Date.now()): string {
  const days = daysAgo(moment, now)
  if (days <= 0) return 'Today'
  if (days === 1) return 'Yesterday'
  return days < 300 ? longDay.format(moment) : dayAndYear.format(moment)
}

/** A number of bytes in words. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const kilobytes = bytes / 1024
  return `${kilobytes < 10 ? kilobytes.toFixed(1) : Math.round(kilobytes)} KB`
}
