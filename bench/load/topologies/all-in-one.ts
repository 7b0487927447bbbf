import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerProcess } from '../../../tests/programs/server-process.ts'
import type { Topology } from '../topology.ts'

/** The process of `npm start`, with its own PostgreSQL and fresh data. */
export async function startAllInOne(environment: NodeJS.ProcessEnv): Promise<Topology> {
  const server = await ServerProcess.start(environment)
  return {
    name: 'all-in-one',
    origin: server.origin,
    pids: () => [server.pid],
    connectionPids: async () => [server.pid],
    codeFor: (contact) => server.codeFor(contact),
    async databaseUrl() {
      const read = (name: string) => readFile(join(server.dataFolder, name), 'utf8')
      const password = (await read('postgres-password')).trim()
      const port = (await read('postgres/postmaster.pid')).split('\n')[3]
      return `postgres://postgres:${password}@127.0.0.1:${port}/sotto`
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
