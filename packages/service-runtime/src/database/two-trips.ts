import postgres from 'postgres'
import type { Sql, Tx } from './postgres.ts'

/** A statement that is sent when it is executed or awaited. */
export interface Statement<Row = unknown>
  extends PromiseLike<readonly Row[] & { readonly command: string }> {
  execute(): unknown
}

/** The final statements of a transaction, and its result once they are committed. */
export interface Decision<Result> {
  readonly writes: readonly Statement[]
  readonly result: Result
}

/**
 * A transaction in two round trips to the database, where `sql.begin` takes four: `begin` is sent
 * with the statements of `read`, and `commit` with the statements that `decide` returns unsent.
 * Nothing can be read after them, and `decide` must not await anything. Rejects if the transaction
 * is not committed.
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
  // They are sent in this order, and the server executes them sequentially.
  const all = [...writes, commit]
  for (const statement of all) statement.execute()
  const command = (await Promise.all(all)).at(-1)?.command
  // If a statement failed, `commit` rolls the transaction back without an error.
  if (command !== 'COMMIT') throw new Error(`The transaction was not committed: ${command}`)
}

/**
 * Once a connection is lost, the pool has taken it back and may already have given it to others, so
 * it must not be used. Error codes are those of the driver and of Node's sockets.
 */
function isConnectionAlive(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return true
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code !== 'string' || !/^[A-Z_]+$/.test(code)
}
