import { i18n } from '@lingui/core'
import { plural, t } from '@lingui/core/macro'
import { type ContestantName, type Figure, type Operation, titles } from '@sotto/benchmark/plan'
import type { Environment } from '@sotto/benchmark/report'

export const operationWords = (operation: Operation): string =>
  operation === 'encrypt' ? t`Encrypting` : t`Decrypting`

/** A contestant's title; algorithms and libraries have the same name in all languages. */
export function titleOf(contestant: ContestantName): string {
  switch (contestant) {
    case 'ecdh':
      return t`ecdh, whole message`
    case 'ecdh-jwe':
      return t`ecdh, JWE only`
    case 'rsa':
      return t`rsa, whole message`
    case 'rsa-jwe':
      return t`rsa, JWE only`
    default:
      return titles[contestant]
  }
}

/** The environment of the measurement, in one line. */
export const environmentWords = ({ runtime, cores, date }: Environment): string =>
  [runtime, plural(cores, { one: '# core', other: '# cores' }), date].join(' · ')

const rounded = (number: number, maximumFractionDigits: number): string =>
  i18n.number(number, { maximumFractionDigits })

/** A time with three significant digits. */
export function timeWords(ms: number): string {
  if (ms >= 1000) return t`${{ count: rounded(ms / 1000, ms >= 10_000 ? 0 : 1) }} s`
  return t`${{ count: rounded(ms, ms >= 100 ? 0 : ms >= 10 ? 1 : 2) }} ms`
}

/** A ratio with two significant digits. */
export function ratioWords(ratio: number): string {
  const digits = ratio < 0.1 ? 3 : 2
  return i18n.number(ratio, { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Messages encrypted or decrypted per second. */
export const perSecond = ({ microseconds }: Figure): number => 1_000_000 / microseconds
