import { createHash } from 'node:crypto'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { Sql, Tx } from '../database/postgres.ts'
import { DomainError } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** At most `points` for one key within `seconds`. */
export interface RateLimit {
  readonly points: number
  readonly seconds: number
}

/** Named limits, counted in PostgreSQL, so that they apply across instances and restarts. */
export interface RateLimits<Name extends string> {
  /** Consumes one point. Throws `rate_limited` with `retryAfterSeconds` if none is left. */
  consume(name: Name, key: string): Promise<void>
  /** Removes the counts of these keys. */
  forget(tx: Tx, keys: readonly string[]): Promise<void>
}

/** `migrate` creates the table `rate_limits` of `schema`. Keys are stored as hashes. */
export function createRateLimits<Name extends string>(
  sql: Sql,
  schema: string,
  limits: Readonly<Record<Name, RateLimit>>,
  metrics?: Metrics,
): RateLimits<Name> {
  const names = Object.keys(limits) as Name[]
  const refused = new Map(names.map((name) => [name, metrics && countRefused(metrics, name)]))
  const limiters = new Map(names.map((name) => [name, limiter(sql, schema, name, limits[name])]))

  return {
    async consume(name, key) {
      try {
        await limiters.get(name)?.consume(hashOf(key))
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        refused.get(name)?.add()
        const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
        throw new DomainError('rate_limited', { retryAfterSeconds })
      }
    },
    async forget(tx, keys) {
      const stored = keys.flatMap((key) => names.map((name) => `${name}:${hashOf(key)}`))
      await tx`delete from ${tx(schema)}.rate_limits where key = any(${stored})`
    },
  }
}

const hashOf = (key: string) => createHash('sha256').update(key).digest('base64url')

/** Counts the refusals of a limit; the same in all services. */
export function countRefused(metrics: Metrics, limit: string) {
  const help = 'Requests and frames that a rate limit refused'
  return metrics.counter({ name: 'sotto_rate_limited_total', help }, { limit })
}

function limiter(sql: Sql, schema: string, name: string, { points, seconds }: RateLimit) {
  return new RateLimiterPostgres({
    // The library expects `pg`, but only calls this function.
    storeClient: {
      query: async ({ text, values }: { text: string; values: (string | number)[] }) => ({
        rows: await sql.unsafe(text, values, { prepare: true }),
      }),
    },
    storeType: 'client',
    schemaName: schema,
    tableName: 'rate_limits',
    tableCreated: true,
    keyPrefix: name,
    points,
    duration: seconds,
    // A key without points costs no further query until its window ends.
    inMemoryBlockOnConsumed: points + 1,
  })
}
