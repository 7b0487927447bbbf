import type { Metrics, Sql } from '@sotto/service-runtime'
import { QUOTA_WARNING_SHARE } from '@sotto/wire'
import { type Quotas, youngAfter } from './domain/usage/quotas.ts'
import * as accountUsage from './store/usage/account-usage.ts'

const GOOD_FOR_MS = 60_000

/**
 * Shows how much all accounts have stored. It reads every row, so it runs at most once a minute.
 */
export function measureUsage(
  metrics: Metrics,
  { sql, quotas, now }: { sql: Sql; quotas: Quotas; now: () => number },
) {
  let known: Promise<accountUsage.TotalUsage> | undefined
  let until = 0

  function total(): Promise<accountUsage.TotalUsage> {
    if (known && performance.now() < until) return known
    until = performance.now() + GOOD_FOR_MS
    const { bytes, youngBytes } = quotas
    const at = { bytes, youngBytes, youngAfter: youngAfter(now()), nearShare: QUOTA_WARNING_SHARE }
    const reading = accountUsage.sumUp(sql, at)
    known = reading
    reading.catch(() => {
      // Asked again next time.
      if (known === reading) known = undefined
    })
    return reading
  }

  metrics.gauge(
    {
      name: 'sotto_kept_bytes',
      help: 'Bytes of envelopes and conversations, as quotas count them',
    },
    async () => (await total()).bytes,
  )
  const accounts = {
    name: 'sotto_quota_accounts',
    help: 'Accounts near or over their quota of bytes',
  }
  metrics.gauge(accounts, async () => (await total()).near, { state: 'near' })
  metrics.gauge(accounts, async () => (await total()).over, { state: 'over' })
}
