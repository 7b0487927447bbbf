import postgres from 'postgres'
import type { Sql, Tx } from './postgres.ts'

/** A statement that is sent when it is executed, or when somebody waits for it. */
export interface Statement<Row = unknown>
  extends PromiseLike<readonly Row[] & { readonly command: string }> {
  execute(): unknown
}

/** What a transaction says last, and what it comes to when that is committed. */
export interface Decision<Result> {
  readonly writes: readonly Statement[]
  readonly result: Result
}

/**
 * A transaction in two trips to the database, where `sql.begin` makes four: `begin` travels with what
 * `read` asks, and `commit` with the statements that `decide` returns unsent. Nothing can be read after
 * them, and `decide` may wait for nothing. Rejects when it is not committed.
 */
export async function transactInTwoTrips<Facts, Result>(
  sql: Sql,
  {
    read,
    decide,
  }: {
    read: (tx: Tx) => Promise<Facts>
    decide: (tx: Tx, facts: Facts) => Decision<Result>
  },
): Promise<Result> {
  const connection = await sql.reserve()
  try {
    const [, facts] = await Promise.all([connection`begin`.execute(), read(connection)])
    const { writes, result } = decide(connection, facts)
    await commitWith(writes, connection`commit`)
    connection.release()
    return result
  } catch (error) {
    if (isConnectionAlive(error)) {
      await connection`rollback`.then(
        () => connection.release(),
        () => {},
      )
    }
    throw error
  }
}

async function commitWith(writes: readonly Statement[], commit: Statement) {
  // In this order on the wire, and the server takes them one after the other.
  const all = [...writes, commit]
  for (const statement of all) statement.execute()
  const command = (await Promise.all(all)).at(-1)?.command
  // A transaction in which something failed is rolled back by `commit`, without an error.
  if (command !== 'COMMIT') throw new Error(`not committed: ${command}`)
}

/**
 * The pool has taken back a connection that is lost, and may be giving it to others already: nothing
 * may be said on it any more. The codes of its errors are those of the driver and of Node's sockets.
 */
function isConnectionAlive(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return true
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code !== 'string' || !/^[A-Z_]+$/.test(code)
}
