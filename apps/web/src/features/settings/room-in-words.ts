import { i18n } from '@lingui/core'
import { t } from '@lingui/core/macro'

const MEGABYTE = 1_000_000

const rounded = (number: number, maximumFractionDigits: number): string =>
  i18n.number(number, { maximumFractionDigits })

/** A number of bytes in words, in the decimal units that disks are sold in. */
export function roomInWords(bytes: number): string {
  const megabytes = bytes / MEGABYTE
  if (bytes === 0) return t`nothing`
  if (megabytes < 0.1) return t`less than ${{ amount: rounded(0.1, 1) }} MB`
  if (megabytes < 1000) return t`${{ amount: rounded(megabytes, megabytes < 10 ? 1 : 0) }} MB`
  return t`${{ amount: rounded(megabytes / 1000, 1) }} GB`
}
