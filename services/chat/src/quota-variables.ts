import { MAX_DEVICES, MAX_PAST_RECORDS } from '@sotto/wire'
import { z } from 'zod'
import type { Quotas } from './domain/quotas.ts'

const MEGABYTE = 1_000_000

const wholeNumber = z.coerce.number('must be a number').int('must be a whole number').positive()

/** The variables about how much one account may have stored. */
export const quotaVariables = {
  QUOTA_MEGABYTES: wholeNumber.default(1000),
  QUOTA_MEGABYTES_YOUNG: wholeNumber.default(50),
  QUOTA_MEGABYTES_PER_HOUR: wholeNumber.default(30),
  QUOTA_CONVERSATIONS: wholeNumber.default(5000),
  QUOTA_DEVICES: wholeNumber.max(MAX_DEVICES).default(MAX_DEVICES),
  QUOTA_PAST_RECORDS: wholeNumber.max(MAX_PAST_RECORDS).default(MAX_PAST_RECORDS),
}

const QuotaVariables = z.object(quotaVariables)

/** The quotas that the operator has decided; `factor` widens those of an hour, for load tests. */
export function quotasOf(variables: z.output<typeof QuotaVariables>, factor = 1): Quotas {
  return {
    bytes: variables.QUOTA_MEGABYTES * MEGABYTE,
    youngBytes: variables.QUOTA_MEGABYTES_YOUNG * MEGABYTE,
    hourlyBytes: variables.QUOTA_MEGABYTES_PER_HOUR * MEGABYTE * factor,
    conversations: variables.QUOTA_CONVERSATIONS,
    devices: variables.QUOTA_DEVICES,
    pastRecords: variables.QUOTA_PAST_RECORDS,
  }
}

/** The quotas when nothing is set. */
export const usualQuotas: Quotas = quotasOf(QuotaVariables.parse({}))
