import { plural, t } from '@lingui/core/macro'
import type { ClientErrorCode } from '@sotto/sdk'
import { clientErrorMessages } from './client-error-messages.ts'
import type { Failure } from './failure.ts'
import { nameProblem } from './name-problem-words.ts'
import { quotaMessages, serverErrorMessages } from './server-error-messages.ts'
import { inLanguage, type Messages, type Words } from './words.ts'

const messages: Record<ClientErrorCode, Messages> = {
  ...serverErrorMessages,
  ...clientErrorMessages,
}

/** The message for a failure, including details such as the time to wait or the problem with a name. */
export function wordsFor(failure: Failure): Words {
  const { code, details } = failure
  const ofQuota = code === 'quota_exceeded' ? quotaMessages[`${details?.quota}`] : undefined
  const { what, next } =
    nameProblem(failure) ?? inLanguage(ofQuota ?? messages[code] ?? messages.internal)
  if (details?.mistyped) {
    return {
      what,
      next: t`A character is missing or mistyped. Compare it with your copy, group by group.`,
    }
  }
  const seconds = details?.retryAfterSeconds
  if (typeof seconds !== 'number') return { what, next }
  return { what, next: tryAgainIn(seconds) }
}

function tryAgainIn(seconds: number): string {
  if (seconds < 90) {
    const count = Math.ceil(seconds)
    return plural(count, { one: 'Try again in # second.', other: 'Try again in # seconds.' })
  }
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 90) {
    return plural(minutes, { one: 'Try again in # minute.', other: 'Try again in # minutes.' })
  }
  const hours = Math.ceil(minutes / 60)
  return plural(hours, { one: 'Try again in # hour.', other: 'Try again in # hours.' })
}
