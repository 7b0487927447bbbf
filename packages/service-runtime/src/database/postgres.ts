import postgres from 'postgres'

/** A connection pool. `bigint` columns are numbers; values beyond 2^53 throw. */
export type Sql = postgres.Sql<{ bigint: number }>

/**
 * The first parameter of a store function: a transaction, or the pool for a stand-alone statement.
 */
export type Tx = postgres.ISql<{ bigint: number }>

/** A fragment of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>

function parseBigint(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('bigint column is beyond 2^53')
  return value
}

// Note: plans. Every statement of the services finds its rows by an index. A plan that was made
// while a table was small reads the whole table. It is cached with the prepared statement, and
// becomes ruinous when the table has grown but has not been analyzed yet. So plans are generic,
// made once per statement, and may not scan whole tables where there is an index.
const alwaysByIndex = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
} as const

export interface PoolOptions {
  readonly maxConnections: number
  /** The name of the connections in `pg_stat_activity`. */
  readonly applicationName: string
}

/** Opens a pool. It connects at the first query and reconnects automatically. */
export function connect(url: string, options: PoolOptions): Sql {
  return postgres(url, {
    max: options.maxConnections,
    connect_timeout: 5,
    // Short, so that the service recovers within seconds after the database does.
    backoff: (attempts: number) => Math.min(0.05 * 2 ** attempts, 1),
    onnotice: () => {},
    connection: {
      application_name: options.applicationName,
      statement_timeout: 15_000,
      // A longer wait for a row would occupy a connection that others need.
      lock_timeout: 10_000,
      idle_in_transaction_session_timeout: 15_000,
      ...alwaysByIndex,
    },
    types: {
      bigint: { to: 20, from: [20], parse: parseBigint, serialize: (value: number) => `${value}` },
    },
  })
}

// Codes of postgres.js and of Node's sockets, then SQLSTATE: connection exceptions, insufficient
// resources (disk full, too many connections), server shutdown and startup, statement and lock
// timeouts, and a standby that is not promoted yet.
const UNAVAILABLE =
  /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONN(REFUSED|RESET|ABORTED)|EPIPE|ENOENT|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|08...|53...|57P0[1-5]|57014|55P03|25006)$/

/**
 * Whether an error means that the database is unreachable or full, so that a retry may succeed
 * later.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return UNAVAILABLE.test(code) || (error.cause !== undefined && isDatabaseUnavailable(error.cause))
}
