import { randomUUID } from 'node:crypto'
import type { Command } from '@sotto/wire'
import { Connection } from 'rabbitmq-client'
import { startTestRabbitmq, type TestRabbitmq } from '../../../../tests/programs/rabbitmq.ts'
import {
  type Broker,
  createLogger,
  createRabbitmqBroker,
  type RabbitmqBrokerOptions,
} from '../../src/index.ts'

/** A RabbitMQ and the brokers of several processes on it. */
export class RabbitmqBed implements AsyncDisposable {
  readonly server: TestRabbitmq
  readonly log = createLogger({
    name: 'test',
    destination: { write: (line) => void this.#logged.push(line) },
  })
  /** The prefix of all queues of the current test. */
  prefix = randomUUID()
  #logged: string[] = []
  readonly #joined: Broker[] = []

  static async start(): Promise<RabbitmqBed> {
    return new RabbitmqBed(await startTestRabbitmq())
  }

  private constructor(server: TestRabbitmq) {
    this.server = server
  }

  /** What the brokers have logged since the last `leave`. */
  get logged(): string {
    return this.#logged.join('')
  }

  /** The broker of another process. */
  async join(options: Partial<RabbitmqBrokerOptions> = {}): Promise<Broker> {
    const { log, prefix } = this
    const broker = await createRabbitmqBroker({ url: this.server.url, log, prefix, ...options })
    this.#joined.push(broker)
    return broker
  }

  /**
   * Closes all brokers, and starts RabbitMQ if a test has stopped it. The next test has other
   * queues.
   */
  async leave(): Promise<void> {
    await this.server.start()
    await Promise.all(this.#joined.splice(0).map((broker) => broker.close()))
    this.prefix = randomUUID()
    this.#logged = []
  }

  /** Opens a connection that bypasses the adapter, to inspect queues and to publish into them. */
  async withConnection<T>(act: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = new Connection(this.server.url)
    connection.on('error', () => {})
    return act(connection).finally(() => connection.close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
  }
}

export const idOf = (each: Command) => (each.type === 'typing.announce' ? each.conversationId : '')
