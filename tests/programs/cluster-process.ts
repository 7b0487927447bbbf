import { randomBytes } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { Health } from '@sotto/service-runtime'
import { choosePorts } from '../../apps/cluster/src/choose-ports.ts'
import { readClusterConfig } from '../../apps/cluster/src/config.ts'
import type { Request } from '../../apps/cluster/src/control/commands.ts'
import { tellCluster } from '../../apps/cluster/src/control/tell-cluster.ts'
import type { PartName } from '../../apps/cluster/src/parts/part.ts'
import { ClusterStatus } from '../../apps/cluster/src/show-status.ts'
import { eventually } from '../network/eventually.ts'
import { Program } from './program.ts'

/** How and where it runs, for tests with special requirements. */
export interface ClusterProcessOptions {
  /** Serves over TLS only, with a certificate that this process then trusts. */
  readonly tls?: boolean
  /** A command prefix, such as the call that enters a network namespace. */
  readonly through?: readonly string[]
  /** The address at which the gateway listens; `localhost` by default. */
  readonly host?: string
}

export type { PartName } from '../../apps/cluster/src/parts/part.ts'

/** The state of a running part: see `npm run cluster -- status`. */
export type PartState = ClusterStatus['parts'][number]

/**
 * Sotto as `npm run cluster` runs it, on free ports with separate data: NGINX, auth, two chat and
 * two websocket instances, RabbitMQ and PostgreSQL, each a process that can be killed, stopped and
 * started.
 *
 * await using cluster = await ClusterProcess.start()
 *     cluster.origin                  // http://localhost:…; with { tls: true } https://
 *     await cluster.kill('chat-1')    // SIGKILL; the supervisor restarts it
 *     await cluster.untilReady('chat-1')
 *     await cluster.stopPart('rabbitmq'); await cluster.startPart('rabbitmq')
 *     await cluster.rollingRestart()
 *     const counted = await cluster.metrics('websocket-2')   // Prometheus' text
 *
 * The names of the parts: postgres, rabbitmq, auth, auth-spare, chat-1, chat-2, websocket-1,
 * websocket-2, nginx. `part(name)` has the process id, for other signals.
 */
export class ClusterProcess {
  /** The address at which people reach it. */
  readonly origin: string
  readonly dataFolder: string
  /** The service instances that always run. */
  readonly instances = ['auth', 'chat-1', 'chat-2', 'websocket-1', 'websocket-2'] as const
  readonly #program: Program

  private constructor(origin: string, dataFolder: string, program: Program) {
    this.origin = origin
    this.dataFolder = dataFolder
    this.#program = program
  }

  static async start(
    environment: NodeJS.ProcessEnv = {},
    options: ClusterProcessOptions = {},
  ): Promise<ClusterProcess> {
    const { tls = false, host = 'localhost' } = options
    // Not `mkdtemp`: if we are root, RabbitMQ and NGINX's workers run as other users who must pass
    // through the folder.
    const dataFolder = join(tmpdir(), `sotto-cluster-${randomBytes(8).toString('hex')}`)
    const ports = await freePorts()
    const origin = tls ? `https://${host}:${ports.HTTPS_PORT}` : `http://${host}:${ports.HTTP_PORT}`
    const own = {
      PUBLIC_URL: origin,
      ...(options.host !== undefined && { GATEWAY_HOST: host }),
      CLUSTER_PLAIN_HTTP: String(!tls),
      SOTTO_CLUSTER_DATA: dataFolder,
    }
    const program = new Program('apps/cluster/src/main.ts', {
      environment: { ...process.env, ...ports, ...own, ...environment },
      through: options.through,
    })
    const cluster = new ClusterProcess(origin, dataFolder, program)
    await cluster.start()
    if (tls) await trust(join(dataFolder, 'tls/certificate.pem'))
    return cluster
  }

  /** The supervisor. */
  get pid(): number {
    return this.#program.pid
  }

  /**
   * Whether an event at a time, in milliseconds of `Date`, may be due to the cluster being down.
   */
  wasAway(atMs: number): boolean {
    return this.#program.wasAway(atMs)
  }

  /** Its output since the first start. */
  get printed(): string {
    return this.#program.printed
  }

  /** Starts it, even after `stop` or `killSupervisor`; resolves once everything serves. */
  async start(): Promise<void> {
    await this.#program.start((printed) => printed.includes('Sotto is running'))
  }

  /** Stops everything in order, like Ctrl-C. */
  async stop(): Promise<void> {
    await this.#program.end('SIGINT')
  }

  /** Kills the supervisor without warning. Its parts end soon afterwards by themselves. */
  async killSupervisor(): Promise<void> {
    await this.#program.end('SIGKILL')
  }

  /** Every part of it. */
  async status(): Promise<ClusterStatus> {
    return ClusterStatus.parse(await this.#tell('status'))
  }

  /**
   * The health of all services, as `npm run cluster -- status` shows it; null without a gateway.
   */
  async health(): Promise<Health | null> {
    return Health.nullable().parse(await this.#tell('health'))
  }

  async part(name: PartName): Promise<PartState> {
    const found = (await this.status()).parts.find((part) => part.name === name)
    if (found === undefined) throw new Error(`there is no part ${name}`)
    return found
  }

  /** Kills a part without warning, like a crash. The supervisor restarts it. */
  async kill(name: PartName): Promise<void> {
    const { pid } = await this.part(name)
    if (pid === null) throw new Error(`${name} does not run`)
    process.kill(pid, 'SIGKILL')
  }

  /** Waits until a part serves again after `kill`, with a process id other than `formerPid`. */
  async untilReady(name: PartName, formerPid?: number): Promise<PartState> {
    const isBack = async () => {
      const state = await this.part(name)
      return state.isReady && state.pid !== formerPid && state
    }
    return eventually(`${name} to be back`, isBack).catch(async (cause: unknown) => {
      const log = await this.logs(name === 'rabbitmq' ? 'sotto@' : name)
      const told = `${this.printed.slice(-2_000)}\n--- its log:\n${log.slice(-4_000)}`
      throw new Error(`${name} is not back. The supervisor says:\n${told}`, { cause })
    })
  }

  /** Stops a part gracefully; it stays down until `startPart`. */
  async stopPart(name: PartName): Promise<void> {
    await this.#tell('stop-part', name)
  }

  async startPart(name: PartName): Promise<void> {
    await this.#tell('start-part', name)
  }

  async restartPart(name: PartName): Promise<void> {
    await this.#tell('restart', name)
  }

  /** Restarts all services, one instance at a time, without the gateway noticing. */
  async rollingRestart(): Promise<void> {
    await this.#tell('rolling-restart')
  }

  /** The output of `rabbitmqctl` for the cluster's node. */
  async rabbitmqctl(...args: string[]): Promise<string> {
    return String(await this.#tell('rabbitmqctl', ...args))
  }

  /**
   * The metrics of an instance in Prometheus' text format; for `nginx`, the output of
   * `stub_status`.
   */
  async metrics(name: PartName): Promise<string> {
    const { ports } = await this.status()
    const port = ports[name]
    const url =
      typeof port === 'object'
        ? `http://127.0.0.1:${port.internal}/metrics`
        : `http://127.0.0.1:${ports.gatewayStatus}/status`
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${name} answers ${response.status}`)
    return response.text()
  }

  /** The next one-time code that is printed for a number or address. Each is returned once. */
  async codeFor(contact: string): Promise<string> {
    return this.#program.codeFor(contact)
  }

  /** The logs of all parts, or of those whose name begins with `prefix`. */
  async logs(prefix = ''): Promise<string> {
    const folders = ['logs', '.', 'rabbitmq/log'].map((name) => join(this.dataFolder, name))
    const files = folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => [])
      return names
        .filter((name) => name.endsWith('.log') && name.startsWith(prefix))
        .map((name) => readFile(join(folder, name), 'utf8'))
    })
    return (await Promise.all((await Promise.all(files)).flat())).join('')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.dataFolder, { recursive: true, force: true })
  }

  async #tell(command: Request['command'], ...args: string[]): Promise<unknown> {
    return tellCluster(this.dataFolder, { command, args })
  }
}

/** Ports below the range for outgoing connections, the same after a restart of the cluster. */
async function freePorts() {
  const wanted = readClusterConfig({ HTTP_PORT: '0', HTTPS_PORT: '0' }).wantedPorts
  const pair = { port: 0, internal: 0 }
  const none = Object.fromEntries(
    Object.entries(wanted).map(([name, port]) => [name, typeof port === 'number' ? 0 : pair]),
  )
  const ports = await choosePorts(none as typeof wanted)
  return {
    HTTP_PORT: `${ports.http}`,
    HTTPS_PORT: `${ports.https}`,
    GATEWAY_STATUS_PORT: `${ports.gatewayStatus}`,
    AUTH_PORT: '0',
    AUTH_SPARE_PORT: '0',
    WEBSOCKET_PORT: '0',
    WEBSOCKET_SECOND_PORT: '0',
    CHAT_PORT: '0',
    CHAT_SECOND_PORT: '0',
    POSTGRES_PORT: '0',
    RABBITMQ_PORT: '0',
  }
}

/** Makes TLS clients of this process trust the cluster's own certificate. */
async function trust(certificate: string): Promise<void> {
  setDefaultCACertificates([...getCACertificates(), await readFile(certificate, 'utf8')])
}
