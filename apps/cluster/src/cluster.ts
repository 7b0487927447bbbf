import { randomBytes } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { loadSecrets } from '@sotto/all-in-one'
import { prepareDatabase } from '@sotto/local-postgres'
import {
  Health,
  type Logger,
  removeOperatorFile,
  StartError,
  writeOperatorFile,
} from '@sotto/service-runtime'
import { choosePorts, type Ports } from './choose-ports.ts'
import type { ClusterConfig } from './config.ts'
import { Gateway } from './gateway.ts'
import { endProcessesIn } from './parts/end-processes.ts'
import type { Instance, PartName } from './parts/part.ts'
import { postgresPart } from './parts/postgres.ts'
import { servicePart } from './parts/service.ts'
import { type RabbitmqPart, rabbitmqPart } from './rabbitmq/rabbitmq-part.ts'
import { environmentOf, type ServiceEnvironment, serviceOf } from './service-environment.ts'
import { type PartStatus, Supervised } from './supervise.ts'

export interface ClusterOptions {
  readonly config: ClusterConfig
  /** Passed on to the services; each gets its own part. */
  readonly env: NodeJS.ProcessEnv
  readonly log: Logger
  readonly print: (line: string) => void
}

/** The instances that always run. The spare of auth only runs while auth is being restarted. */
const instances = [
  'auth',
  'chat-1',
  'chat-2',
  'websocket-1',
  'websocket-2',
] as const satisfies readonly Instance[]

const healthWithinMs = 10_000

/** All parts of a cluster on this machine. */
export class Cluster {
  readonly ports: Ports
  /** The address at which users reach it. */
  readonly publicUrl: string
  readonly #options: ClusterOptions
  readonly #parts = new Map<PartName, Supervised>()
  /** New at each start. Parts that are restarted in the meantime get the same one. */
  readonly #gatewaySecret = randomBytes(32).toString('base64url')
  readonly #operatorToken = randomBytes(32).toString('base64url')
  #rabbitmq: RabbitmqPart | undefined
  readonly #gateway: Gateway

  private constructor(options: ClusterOptions, ports: Ports) {
    const { config } = options
    this.#options = options
    this.ports = ports
    const own = config.plainHttp
      ? `http://localhost:${ports.http}`
      : `https://localhost:${ports.https}`
    this.publicUrl = config.publicUrl ?? own
    const { publicUrl } = this
    const gatewaySecret = this.#gatewaySecret
    this.#gateway = new Gateway({ ...options, ports, publicUrl, gatewaySecret })
  }

  /** Chooses ports and prepares folders without starting anything. Throws StartError. */
  static async prepare(options: ClusterOptions): Promise<Cluster> {
    const { dataFolder, wantedPorts } = options.config
    for (const folder of ['logs', 'run']) {
      // 0711: PostgreSQL's and RabbitMQ's users may pass through, but not list the folder.
      await mkdir(join(dataFolder, folder), { recursive: true, mode: 0o711 })
    }
    // Processes left behind by a killed supervisor would still occupy the ports.
    const run = join(dataFolder, 'run')
    await Promise.all((await readdir(run)).map((part) => endProcessesIn(join(run, part))))
    return new Cluster(options, await choosePorts(wantedPorts))
  }

  /**
   * Starts everything, each part after those it depends on. Rejects if a part cannot be started.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { config } = this.#options
    const secrets = await loadSecrets(config.dataFolder)
    const [postgresUrl, rabbitmqUrl] = await Promise.all([
      this.#startPostgres(),
      this.#startRabbitmq(),
    ])
    signal.throwIfAborted()
    const databaseUrls = await prepareDatabase(postgresUrl, secrets.databasePasswords)
    signal.throwIfAborted()
    const { ports, publicUrl } = this
    const gatewaySecret = this.#gatewaySecret
    const operatorToken = this.#operatorToken
    this.#addServices({
      config,
      ports,
      publicUrl,
      secrets,
      databaseUrls,
      rabbitmqUrl,
      gatewaySecret,
      operatorToken,
    })
    await Promise.all(instances.map((name) => this.part(name).start()))
    signal.throwIfAborted()
    await this.#letOperatorIn()
    await this.#gateway.start((nginx) => this.#add(nginx).start())
  }

  /** Stops everything, the gateway first and the database last. */
  async stop(): Promise<void> {
    const stop = (name: PartName) => this.#parts.get(name)?.stop()
    await removeOperatorFile(this.dataFolder)
    await this.#gateway.close()
    await stop('nginx')
    await Promise.all([...instances, 'auth-spare' as const].map(stop))
    await Promise.all([stop('rabbitmq'), stop('postgres')])
  }

  /** Throws if the cluster does not run such a part itself. */
  part(name: PartName): Supervised {
    const part = this.#parts.get(name)
    if (part === undefined) throw new StartError(`The cluster does not run its own ${name}.`)
    return part
  }

  /** Runs `rabbitmqctl` for the cluster's own RabbitMQ and returns its output. */
  async rabbitmqctl(args: readonly string[]): Promise<string> {
    if (this.#rabbitmq === undefined)
      throw new StartError('The cluster does not run its own RabbitMQ.')
    return this.#rabbitmq.node().ctl(...args)
  }

  get dataFolder(): string {
    return this.#options.config.dataFolder
  }

  async status(): Promise<PartStatus[]> {
    return Promise.all([...this.#parts.values()].map((part) => part.status()))
  }

  /**
   * The health of all services as the gateway reports it; undefined while the gateway does not
   * answer.
   */
  async health(): Promise<Health | undefined> {
    const url = `http://127.0.0.1:${this.ports.gatewayStatus}/health`
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(healthWithinMs) })
      return Health.parse(await response.json())
    } catch {
      return undefined
    }
  }

  /** Makes the gateway pass requests to every instance except those in `out`. */
  exclude(...out: Instance[]): Promise<void> {
    return this.#gateway.exclude(...out)
  }

  #add(part: Supervised['part']): Supervised {
    const supervised = new Supervised(part, this.#options.print)
    this.#parts.set(part.name, supervised)
    return supervised
  }

  async #startPostgres(): Promise<string> {
    const { config } = this.#options
    if (config.postgresUrl !== undefined) return config.postgresUrl
    const part = postgresPart(config.dataFolder, this.ports.postgres)
    await this.#add(part).start()
    return part.url()
  }

  async #startRabbitmq(): Promise<string> {
    const { config, log } = this.#options
    if (config.rabbitmqUrl !== undefined) return config.rabbitmqUrl
    const part = rabbitmqPart(config.dataFolder, this.ports.rabbitmq, log)
    this.#rabbitmq = part
    await this.#add(part).start()
    return part.node().url
  }

  #addServices(setting: ServiceEnvironment): void {
    const { config, env, print } = this.#options
    for (const name of [...instances, 'auth-spare'] as const) {
      const { port, internal } = this.ports[name]
      this.#add(
        servicePart({
          name,
          service: serviceOf(name),
          port,
          internalPort: internal,
          env: environmentOf(name, setting, env),
          dataFolder: config.dataFolder,
          print,
        }),
      )
    }
  }

  /** Publishes how the operator's commands reach the services. */
  async #letOperatorIn(): Promise<void> {
    const { ports, publicUrl } = this
    const urls = (...names: Instance[]) =>
      names.map((name) => `http://127.0.0.1:${ports[name].internal}`)
    await writeOperatorFile(this.dataFolder, {
      token: this.#operatorToken,
      auth: urls('auth', 'auth-spare'),
      chat: urls('chat-1', 'chat-2'),
      publicUrl,
    })
  }
}
