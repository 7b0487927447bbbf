import { wholeNumber } from '@sotto/service-runtime'
import { MAX_DEVICES, MAX_PAST_RECORDS } from '@sotto/wire'
import { z } from 'zod'
import type { Quotas } from './domain/usage/quotas.ts'

const MEGABYTE = 1_000_000

/** The variables that limit how much one account may store. */
export const quotaVariables = {
  QUOTA_MEGABYTES: wholeNumber(1, 1_000_000_000, 1_000).default(1_000),
  QUOTA_MEGABYTES_YOUNG: wholeNumber(1, 1_000_000_000, 50).default(50),
  QUOTA_MEGABYTES_PER_HOUR: wholeNumber(1, 1_000_000_000, 30).default(30),
  QUOTA_CONVERSATIONS: wholeNumber(1, 1_000_000_000, 5_000).default(5_000),
  QUOTA_DEVICES: wholeNumber(1, MAX_DEVICES, MAX_DEVICES).default(MAX_DEVICES),
  QUOTA_PAST_RECORDS: wholeNumber(1, MAX_PAST_RECORDS, MAX_PAST_RECORDS).default(MAX_PAST_RECORDS),
}

const QuotaVariables = z.object(quotaVariables)

/** The operator's quotas; `factor` multiplies the hourly one, for load tests. */
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

/** The default quotas. */
export const usualQuotas: Quotas = quotasOf(QuotaVariables.parse({}))
