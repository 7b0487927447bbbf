import { Health } from '@sotto/service-runtime'
import { ClusterProcess } from '../../programs/cluster-process.ts'
import { ServerProcess } from '../../programs/server-process.ts'
import { inServices } from '../planted/plant.ts'
import { isLong } from './fault-run.ts'

export type TopologyName = 'all-in-one' | 'cluster'

/**
 * Where rows run that are the same in both topologies. A cluster for each row would take longer than `npm test` may, so
 * there the cluster has only the rows of `cluster-parts.test.ts`.
 */
export const topologies: readonly TopologyName[] = isLong
  ? ['all-in-one', 'cluster']
  : ['all-in-one']

const websockets = ['websocket-1', 'websocket-2'] as const

/** Where and how it runs, for rows with special needs. */
export interface TopologyOptions {
  /** For the processes that run services: all-in-one's own, or each instance's. */
  readonly services?: NodeJS.ProcessEnv
  readonly through?: readonly string[]
  readonly host?: string
}

/** Sotto in one of its topologies, with what the rows need from it. */
export interface Sotto extends AsyncDisposable {
  readonly topology: TopologyName
  readonly origin: string
  readonly dataFolder: string
  codeFor(contact: string): Promise<string>
  /** The number of open device connections, as counted by the server. */
  connections(): Promise<number>
  /** The processes that hold connections: their ids, and what each has printed. */
  websockets(): Promise<readonly { readonly pid: number; readonly printed: string }[]>
  /** Kills these processes without warning and waits until they serve again. */
  killWebsockets(): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
}

/** Raises the limits beyond what people reach. */
const limits = { RATE_LIMIT_FACTOR: '100000', MAX_CONNECTIONS_PER_ADDRESS: '20000' }

/** A cluster, for rows about its parts. */
export function startCluster(): Promise<ClusterProcess> {
  return ClusterProcess.start(limits)
}

/** Starts it without the limits that people never reach. */
export async function startTopology(
  topology: TopologyName,
  { services = {}, ...options }: TopologyOptions = {},
): Promise<Sotto> {
  if (topology === 'all-in-one') {
    return ofServer(await ServerProcess.start({ ...limits, ...services }, options))
  }
  return ofCluster(await ClusterProcess.start({ ...limits, ...inServices(services) }, options))
}

function ofServer(server: ServerProcess): Sotto {
  return {
    topology: 'all-in-one',
    origin: server.origin,
    dataFolder: server.dataFolder,
    codeFor: (contact) => server.codeFor(contact),
    async connections() {
      const answer = await fetch(`${server.origin}/health`)
      const { parts } = Health.parse(await answer.json())
      return Number.parseInt(parts.websocket?.detail ?? '', 10)
    },
    websockets: async () => [{ pid: server.pid, printed: server.printed }],
    async killWebsockets() {
      await server.kill()
      await server.start()
    },
    stop: () => server.stop(),
    start: () => server.start(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function ofCluster(cluster: ClusterProcess): Sotto {
  return {
    topology: 'cluster',
    origin: cluster.origin,
    dataFolder: cluster.dataFolder,
    codeFor: (contact) => cluster.codeFor(contact),
    async connections() {
      const counted = await Promise.all(websockets.map((name) => cluster.metrics(name)))
      return counted.reduce((sum, text) => sum + connectionsIn(text), 0)
    },
    websockets: () => Promise.all(websockets.map((name) => processOf(cluster, name))),
    async killWebsockets() {
      const killed = websockets.map(async (name) => {
        const { pid } = await cluster.part(name)
        await cluster.kill(name)
        await cluster.untilReady(name, pid ?? 0)
      })
      await Promise.all(killed)
    },
    stop: () => cluster.stop(),
    start: () => cluster.start(),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

async function processOf(cluster: ClusterProcess, name: (typeof websockets)[number]) {
  const { pid } = await cluster.part(name)
  const lines = cluster.printed.split('\n').filter((line) => line.startsWith(`${name}: `))
  return { pid: pid ?? 0, printed: lines.join('\n') }
}

function connectionsIn(metrics: string): number {
  const [, count] = /^sotto_connections\{state="authenticated"\} (\d+)$/m.exec(metrics) ?? []
  if (count === undefined) throw new Error('the server counts no connections')
  return Number(count)
}
