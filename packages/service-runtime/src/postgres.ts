import postgres from 'postgres'

/** A pool of connections. `bigint` columns come as numbers; one beyond 2^53 throws. */
export type Sql = postgres.Sql<{ bigint: number }>

/** What a store function takes: a transaction, or the pool for a statement that stands alone. */
export type Tx = postgres.ISql<{ bigint: number }>

/** A part of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>

function parseBigint(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('bigint column beyond 2^53')
  return value
}

// Note: plans. Every statement of the services finds its rows by an index. A plan that was made while
// a table was small reads the whole table, is kept with the prepared statement, and is ruinous when
// the table has grown and nothing has analysed it yet. So plans are made once, by the shape of the
// statement alone, and may not read whole tables where there is an index.
const alwaysByIndex = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
} as const

export interface PoolOptions {
  readonly maxConnections: number
  /** What the connections are called in `pg_stat_activity`. */
  readonly applicationName: string
}

/** Opens a pool. Nothing is connected before the first query, and the pool reconnects by itself. */
export function connect(url: string, options: PoolOptions): Sql {
  return postgres(url, {
    max: options.maxConnections,
    connect_timeout: 5,
    // Short, so that the service is back within seconds after the database is.
    backoff: (attempts: number) => Math.min(0.05 * 2 ** attempts, 1),
    onnotice: () => {},
    connection: {
      application_name: options.applicationName,
      statement_timeout: 15_000,
      // Whoever waits longer for a row holds a connection that others need.
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
// resources (disk full, too many connections), shutdown and start-up of the server, a statement or a
// lock that took too long, and a standby that is not promoted yet.
const UNAVAILABLE =
  /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONN(REFUSED|RESET|ABORTED)|EPIPE|ENOENT|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|08...|53...|57P0[1-5]|57014|55P03|25006)$/

/** Whether an error says that the database is out of reach or full: worth trying again later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return UNAVAILABLE.test(code) || (error.cause !== undefined && isDatabaseUnavailable(error.cause))
}
