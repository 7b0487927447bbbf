import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { PrintedCodes } from './printed-codes.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const node = join(root, 'node_modules/.bin/node')
const startWithinMs = 60_000

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
  #environment: NodeJS.ProcessEnv
  #child: ChildProcess | undefined
  #printed = ''
  #isUp = false
  readonly #command: readonly string[]
  readonly #codes = new PrintedCodes(() => this.#printed)

  private constructor(
    port: number,
    dataFolder: string,
    environment: NodeJS.ProcessEnv,
    { through = [], host = 'localhost' }: ServerProcessOptions,
  ) {
    this.origin = `http://${host}:${port}`
    this.dataFolder = dataFolder
    this.#command = [...through, node, join(root, 'apps/all-in-one/src/main.ts')]
    this.#environment = {
      // As `npm start` sets it.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/sotto/compiled'),
      ...process.env,
      ...environment,
      HOST: host,
      PORT: String(port),
      SOTTO_DATA: dataFolder,
    }
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

  /** Whether it is meant to serve right now. */
  get isUp(): boolean {
    return this.#isUp
  }

  /** The process itself; its PostgreSQL is below it. */
  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error('Sotto was not started')
    return pid
  }

  /** Everything it has printed since the first start. */
  get printed(): string {
    return this.#printed
  }

  /** Starts it, again after `kill` or `stop`; resolves when it serves. */
  async start(): Promise<void> {
    const [program = node, ...args] = this.#command
    const child = spawn(program, args, {
      cwd: root,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#printed += text
      })
    }
    const deadline = Date.now() + startWithinMs
    while (!(await this.#isServing())) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`Sotto did not start:\n${this.#printed}`)
      }
      await sleep(50)
    }
    this.#isUp = true
  }

  /** Ends the process without a warning, as a power cut would end it. PostgreSQL is orphaned. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Ends it as Ctrl-C does. */
  async stop(): Promise<void> {
    await this.#end('SIGINT')
  }

  /** The next one-time code that is printed for a number or address: each is given once. */
  async codeFor(contact: string): Promise<string> {
    return this.#codes.next(contact)
  }

  /** Everything in its logs: its own and that of its PostgreSQL. */
  async logs(): Promise<string> {
    const files = ['sotto.log', 'postgres.log'].map((name) => join(this.dataFolder, name))
    const texts = files.map((file) => readFile(file, 'utf8').catch(() => ''))
    return (await Promise.all(texts)).join('')
  }

  /** The address of the database for a role that may do everything in it. */
  async databaseUrl(): Promise<string> {
    const read = (name: string) => readFile(join(this.dataFolder, name), 'utf8')
    const password = (await read('postgres-password')).trim()
    const port = (await read('postgres/postmaster.pid')).split('\n')[3]
    return `postgres://postgres:${password}@127.0.0.1:${port}/sotto`
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

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    this.#isUp = false
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}

/** A port that nobody listens on right now. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
