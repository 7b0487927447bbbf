import type { Metrics } from '../metrics/metrics.ts'
import type { Sql } from './postgres.ts'

/**
 * Counts the transactions of a pool. Each transaction occupies a connection. Stand-alone statements
 * share connections and never wait for a free one, so transactions are what exhausts a pool.
 */
export function measurePool(sql: Sql, name: string, maxConnections: number, metrics: Metrics) {
  const begin = sql.begin as (...args: unknown[]) => Promise<unknown>
  let open = 0
  sql.begin = ((...args: unknown[]) => {
    open += 1
    return begin(...args).finally(() => {
      open -= 1
    })
  }) as Sql['begin']

  const labels = { pool: name }
  metrics.gauge(
    { name: 'sotto_database_pool_size', help: 'Connections that the pool may open' },
    () => maxConnections,
    labels,
  )
  metrics.gauge(
    { name: 'sotto_database_transactions_running', help: 'Transactions that have a connection' },
    () => Math.min(open, maxConnections),
    labels,
  )
  metrics.gauge(
    {
      name: 'sotto_database_transactions_waiting',
      help: 'Transactions waiting for a connection',
    },
    () => Math.max(0, open - maxConnections),
    labels,
  )
}
