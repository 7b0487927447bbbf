import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@sotto/service-runtime'
import { type Rabbitmq, startRabbitmq } from '../../apps/cluster/src/rabbitmq/start-rabbitmq.ts'

/** A real RabbitMQ that a test may kill and start again at the same address. */
export interface TestRabbitmq extends AsyncDisposable {
  readonly url: string
  ctl: Rabbitmq['ctl']
  /** Rows of `rabbitmqctl list_queues` in our virtual host, by queue. */
  queues(): Promise<Map<string, { messages: number; consumers: number }>>
  kill(): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
}

/** Takes some seconds: once per file, in `beforeAll`. */
export async function startTestRabbitmq(): Promise<TestRabbitmq> {
  const log = createLogger({ name: 'test rabbitmq', level: 'silent' })
  // Not `mkdtemp`: RabbitMQ runs as another user when we are root, and must reach the folder.
  const dataFolder = join(tmpdir(), `sotto-test-${randomBytes(8).toString('hex')}`)
  let node = await startRabbitmq({ dataFolder, log })
  const { port, url } = node

  return {
    url,
    ctl: (...args) => node.ctl(...args),
    async queues() {
      const columns = ['name', 'messages', 'consumers', '--vhost', 'sotto', '--formatter', 'json']
      const rows: { name: string; messages: number; consumers: number }[] = JSON.parse(
        await node.ctl('list_queues', ...columns),
      )
      return new Map(rows.map(({ name, messages, consumers }) => [name, { messages, consumers }]))
    },
    kill: () => node.kill(),
    stop: () => node.stop(),
    async start() {
      node = await startRabbitmq({ dataFolder, port, log })
    },
    async [Symbol.asyncDispose]() {
      await node.kill()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
