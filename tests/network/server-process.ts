import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseUrlOf, logsOf } from './data-folder.ts'
import { freePort } from './free-port.ts'
import { Program } from './program.ts'

/** Where and how it runs, for tests that need it to be somewhere special. */
export interface ServerProcessOptions {
  /** Put before the program, such as the call that leads into a network namespace. */
  readonly through?: readonly string[]
  /** The address it listens at; `localhost` by default. */
  readonly host?: string
}

/**
 * Sotto as somebody runs it: the all-in-one process with its own PostgreSQL and its own data, on a
 * free port. Can be killed and started again on the same data.
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
    const server = new ServerProcess(await freePort(), dataFolder, environment, options)
    await server.start()
    return server
  }

  /** Whether what happened at a time, in milliseconds of `Date`, may be because it did not serve. */
  wasAway(atMs: number): boolean {
    return this.#program.wasAway(atMs)
  }

  /** The process itself; its PostgreSQL is below it. */
  get pid(): number {
    return this.#program.pid
  }

  /** Everything it has printed since the first start. */
  get printed(): string {
    return this.#program.printed
  }

  /** Starts it, again after `kill` or `stop`; resolves when it serves. */
  async start(): Promise<void> {
    await this.#program.start(() => this.#isServing())
  }

  /** Ends the process without a warning, as a power cut would end it. PostgreSQL is orphaned. */
  async kill(): Promise<void> {
    await this.#program.end('SIGKILL')
  }

  /** Ends it as Ctrl-C does. */
  async stop(): Promise<void> {
    await this.#program.end('SIGINT')
  }

  /** The next one-time code that is printed for a number or address: each is given once. */
  async codeFor(contact: string): Promise<string> {
    return this.#program.codeFor(contact)
  }

  /** Everything in its logs: its own and that of its PostgreSQL. */
  async logs(): Promise<string> {
    return logsOf(this.dataFolder)
  }

  /** The address of the database for a role that may do everything in it. */
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
