import { connect, type Sql } from '@sotto/service-runtime'
import type { Topology } from '../load/topology.ts'

/** Connects to the database of a running Sotto. */
export async function withDatabase<T>(
  server: Topology,
  look: (sql: Sql) => Promise<T>,
): Promise<T> {
  const sql = connect(await server.databaseUrl(), { maxConnections: 1, applicationName: 'bench' })
  try {
    return await look(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
