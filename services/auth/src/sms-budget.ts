import { DomainError, type Logger, type RateLimits } from '@sotto/service-runtime'
import type { AuthLimit } from './limits.ts'

/** Takes one SMS from a budget of this server; throws `sms_used_up` if none is left. */
export type SpendSms = (on: 'strangers' | 'known') => Promise<void>

const budgets = {
  strangers: ['smsHourly', 'smsDaily'],
  known: ['smsToKnownHourly', 'smsToKnownDaily'],
} as const satisfies Record<string, readonly AuthLimit[]>

/**
 * The minimum interval between log lines: callers continue to ask after the budget is exhausted.
 */
const TOLD_EVERY_MS = 60_000

/**
 * Limits the cost of SMS for the whole installation. Strangers have a separate budget, so that they
 * cannot exhaust the budget of people who have logged in before from the same device or network.
 */
export function createSmsBudget(
  limits: RateLimits<AuthLimit>,
  log: Pick<Logger, 'warn'>,
  now: () => number,
): SpendSms {
  const toldAt = { strangers: Number.NEGATIVE_INFINITY, known: Number.NEGATIVE_INFINITY }
  return async (on) => {
    try {
      for (const limit of budgets[on]) await limits.consume(limit, 'all')
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'rate_limited') throw error
      if (now() - toldAt[on] >= TOLD_EVERY_MS) {
        toldAt[on] = now()
        log.warn({ budget: on, ...error.details }, 'the SMS budget is used up')
      }
      throw new DomainError('sms_used_up', error.details)
    }
  }
}
