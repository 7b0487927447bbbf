import type { Logger } from '@sotto/service-runtime'
import { acceptsConnections } from '../accepts-connections.ts'
import type { Part } from '../parts/part.ts'
import { type Rabbitmq, startRabbitmq } from './start-rabbitmq.ts'

/** The cluster's own RabbitMQ. */
export interface RabbitmqPart extends Part {
  /** The running node, or the last one. Throws if there was none yet. */
  readonly node: () => Rabbitmq
}

export function rabbitmqPart(dataFolder: string, port: number, log: Logger): RabbitmqPart {
  let node: Rabbitmq | undefined
  return {
    name: 'rabbitmq',
    port,
    node() {
      if (node === undefined) throw new Error('RabbitMQ has not been started')
      return node
    },
    isReady: () => acceptsConnections(port),
    async start() {
      node = await startRabbitmq({ dataFolder, port, log })
      return node
    },
  }
}
