import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClusterProcess } from '../../../tests/programs/cluster-process.ts'
import { pidsOf } from '../cpu-time.ts'
import type { Topology } from '../topology.ts'

/**
 * The processes of `npm run cluster`: NGINX, RabbitMQ, PostgreSQL and two of each service, with
 * fresh data.
 */
export async function startCluster(environment: NodeJS.ProcessEnv): Promise<Topology> {
  const cluster = await ClusterProcess.start(environment)
  const { parts, ports } = await cluster.status()
  const running = parts.flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }]))
  // Including the supervisor, because RabbitMQ and NGINX are not all its descendants.
  const pids = [cluster.pid, ...running.map(({ pid }) => pid)]
  return {
    name: 'cluster',
    origin: cluster.origin,
    pids: () => pids,
    async connectionPids() {
      const holders = running.filter(({ name }) => /^(websocket|nginx)/.test(name))
      return pidsOf(holders.map(({ pid }) => pid))
    },
    codeFor: (contact) => cluster.codeFor(contact),
    async databaseUrl() {
      const file = join(cluster.dataFolder, 'postgres-password')
      const password = (await readFile(file, 'utf8')).trim()
      return `postgres://postgres:${password}@127.0.0.1:${ports.postgres}/sotto`
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}
