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

/** What a device of the account is called on the screen, also if its name does not open here. */
export const shownDeviceName = (name: string | null): string =>
  name ?? t`Device with an unreadable name`

/** What this browser is called in the list of devices, from what it says of itself. */
export function deviceName(userAgent: string): string {
  const browser = browsers.find(([pattern]) => pattern.test(userAgent))?.[1] ?? t`Browser`
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1]
  return system ? t`${browser} on ${system}` : browser
}
