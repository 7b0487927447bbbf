import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseUrlOf, logsOf } from './data-folder.ts'
import { freePort } from './free-port.ts'
import { Program } from './program.ts'

/** Where and how it runs, for tests with special requirements. */
export interface ServerProcessOptions {
  /** A command prefix, such as the call that enters a network namespace. */
  readonly through?: readonly string[]
  /** The address on which it listens; `localhost` by default. */
  readonly host?: string
  /** A free one by default. */
  readonly port?: number
}

/**
 * Sotto as a person runs it: the all-in-one process with its own PostgreSQL and separate data, on a
 * free port. It can be killed and started again on the same data.
 */
export class ServerProcess {
  readonly origin: string
  readonly dataFolder: string
  readonly #program: Program

  private constructor(
    port: number,
    dataFolder: string,
    environment: NodeJS.ProcessEnv,
    { through, host = 'localhost' }: ServerProcessOptions,
  ) {
    this.origin = `http://${host}:${port}`
    this.dataFolder = dataFolder
    this.#program = new Program('apps/all-in-one/src/main.ts', {
      environment: {
        ...process.env,
        ...environment,
        HOST: host,
        PORT: String(port),
        SOTTO_DATA: dataFolder,
      },
      through,
    })
  }

  static async start(
    environment: NodeJS.ProcessEnv = {},
    options: ServerProcessOptions = {},
  ): Promise<ServerProcess> {
    const dataFolder = await mkdtemp(join(tmpdir(), 'sotto-test-'))
    const server = new ServerProcess(
      options.port ?? (await freePort()),
      dataFolder,
      environment,
      options,
    )
    await server.start()
    return server
  }

  /** Whether an event at a time, in milliseconds of `Date`, may be due to the server being down. */
  wasAway(atMs: number): boolean {
    return this.#program.wasAway(atMs)
  }

  /** The process itself; its PostgreSQL is a descendant. */
  get pid(): number {
    return this.#program.pid
  }

  /** Its output since the first start. */
  get printed(): string {
    return this.#program.printed
  }

  /** Starts it, even after `kill` or `stop`; resolves once it serves. */
  async start(): Promise<void> {
    await this.#program.start(() => this.#isServing())
  }

  /** Kills the process without warning, like a power failure. PostgreSQL is orphaned. */
  async kill(): Promise<void> {
    await this.#program.end('SIGKILL')
  }

  /** Stops it like Ctrl-C. */
  async stop(): Promise<void> {
    await this.#program.end('SIGINT')
  }

  /** The next one-time code that is printed for a number or address. Each is returned once. */
  async codeFor(contact: string): Promise<string> {
    return this.#program.codeFor(contact)
  }

  /** Its logs: its own and PostgreSQL's. */
  async logs(): Promise<string> {
    return logsOf(this.dataFolder)
  }

  /** The database URL for a role with full access. */
  async databaseUrl(): Promise<string> {
    return databaseUrlOf(this.dataFolder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.dataFolder, { recursive: true, force: true })
  }

  async #isServing(): Promise<boolean> {
    try {
      return (await fetch(`${this.origin}/health`)).ok
    } catch {
      return false
    }
  }
}
