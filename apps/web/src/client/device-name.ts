import { t } from '@lingui/core/macro'

const browsers = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/Chrom(?:e|ium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const

const systems = [
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
] as const

/** A device's display name, even if its own name doesn't open here. */
export const shownDeviceName = (name: string | null): string =>
  name ?? t`Device with an unreadable name`

/** This browser's name in the list of devices, derived from its user agent. */
export function deviceName(userAgent: string): string {
  const browser = browsers.find(([pattern]) => pattern.test(userAgent))?.[1] ?? t`Browser`
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1]
  return system ? t`${browser} on ${system}` : browser
}
