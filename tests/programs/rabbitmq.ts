import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@sotto/service-runtime'
import { Connection } from 'rabbitmq-client'
import { type Rabbitmq, startRabbitmq } from '../../apps/cluster/src/rabbitmq/start-rabbitmq.ts'

/** A real RabbitMQ that a test may kill and start again at the same address. */
export interface TestRabbitmq extends AsyncDisposable {
  readonly url: string
  ctl: Rabbitmq['ctl']
  /** The rows of `rabbitmqctl list_queues` in our virtual host, by queue. */
  queues(): Promise<Map<string, { messages: number; consumers: number }>>
  /** Takes everything from every queue, as JSON with headers and bodies. */
  takeAll(): Promise<string>
  kill(): Promise<void>
  stop(): Promise<void>
  /** Starts it again; does nothing while it runs. */
  start(): Promise<void>
}

/** Takes some seconds, so call it once per file in `beforeAll`. */
export async function startTestRabbitmq(): Promise<TestRabbitmq> {
  const log = createLogger({ name: 'test rabbitmq', level: 'silent' })
  // Not `mkdtemp`: if we are root, RabbitMQ runs as another user who must reach the folder.
  const dataFolder = join(tmpdir(), `sotto-test-${randomBytes(8).toString('hex')}`)
  let node = await startRabbitmq({ dataFolder, log })
  const { port, url } = node
  let isRunning = true

  async function queues() {
    const columns = ['name', 'messages', 'consumers', '--vhost', 'sotto', '--formatter', 'json']
    const rows: { name: string; messages: number; consumers: number }[] = JSON.parse(
      await node.ctl('list_queues', ...columns),
    )
    return new Map(rows.map(({ name, messages, consumers }) => [name, { messages, consumers }]))
  }

  return {
    url,
    ctl: (...args) => node.ctl(...args),
    queues,
    async takeAll() {
      const connection = new Connection(url)
      const found: string[] = []
      for (const [queue, { messages }] of await queues()) {
        for (let n = 0; n < messages; n += 1) {
          const message = await connection.basicGet({ queue, noAck: true })
          found.push(JSON.stringify({ ...message, body: String(message?.body) }))
        }
      }
      await connection.close()
      return found.join('\n')
    },
    kill() {
      isRunning = false
      return node.kill()
    },
    stop() {
      isRunning = false
      return node.stop()
    },
    async start() {
      if (isRunning) return
      node = await startRabbitmq({ dataFolder, port, log })
      isRunning = true
    },
    async [Symbol.asyncDispose]() {
      await node.kill()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
