import type { ClusterProcess } from '../programs/cluster-process.ts'
import { readMetric } from './read-metric.ts'

const chats = ['chat-1', 'chat-2'] as const
const websockets = ['websocket-1', 'websocket-2'] as const

/** What the parts report to have carried; for chat and websocket, one number per instance. */
export interface Counters {
  readonly connections: readonly number[]
  readonly accepted: readonly number[]
  readonly delivered: readonly number[]
  /** Bytes that RabbitMQ sent to all services. */
  readonly throughRabbitmq: number
  /** Requests that NGINX answered, itself or through a service. */
  readonly throughNginx: number
}

export async function readCounters(cluster: ClusterProcess): Promise<Counters> {
  return {
    connections: await readConnections(cluster),
    accepted: await read(cluster, chats, 'sotto_envelopes_total', 'accepted'),
    delivered: await read(cluster, websockets, 'sotto_deliveries_total'),
    throughRabbitmq: await sentByRabbitmq(cluster),
    throughNginx: Number(/\n\s*\d+ \d+ (\d+)/.exec(await cluster.metrics('nginx'))?.[1]),
  }
}

/** The connections of each websocket instance. */
export function readConnections(cluster: ClusterProcess): Promise<number[]> {
  return read(cluster, websockets, 'sotto_connections', 'authenticated')
}

function read(
  cluster: ClusterProcess,
  names: readonly (typeof chats | typeof websockets)[number][],
  metric: string,
  label = '',
): Promise<number[]> {
  return Promise.all(
    names.map(async (name) => readMetric(await cluster.metrics(name), metric, label)),
  )
}

/** How often each instance of `service` answered, according to NGINX's access log. */
export async function answeredBy(
  cluster: ClusterProcess,
  service: 'chat' | 'websocket',
): Promise<number[]> {
  const { ports } = await cluster.status()
  const log = await cluster.logs('nginx-access')
  return [`${service}-1`, `${service}-2`].map((name) => {
    const port = ports[name]
    const address = typeof port === 'object' ? `127.0.0.1:${port.port}` : ''
    return log.split(`"upstream":"${address}"`).length - 1
  })
}

/** Bytes that RabbitMQ has sent on all connections, by its own count. */
async function sentByRabbitmq(cluster: ClusterProcess): Promise<number> {
  const lines = await cluster.rabbitmqctl(
    'list_connections',
    '--quiet',
    '--no-table-headers',
    'send_oct',
  )
  return lines.split('\n').reduce((sum, line) => sum + Number(line), 0)
}
