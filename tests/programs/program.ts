import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { PATIENCE_MS } from '../network/eventually.ts'
import { PrintedCodes } from './printed-codes.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const node = join(root, 'node_modules/.bin/node')
const lookEveryMs = 25

export interface ProgramOptions {
  readonly environment: NodeJS.ProcessEnv
  /** A command prefix, such as the call that enters a network namespace. */
  readonly through?: readonly string[] | undefined
}

/** One of our programs in a separate process, which can be stopped and started again. */
export class Program {
  readonly #command: readonly string[]
  readonly #environment: NodeJS.ProcessEnv
  readonly #codes = new PrintedCodes(() => this.#printed)
  #child: ChildProcess | undefined
  #printed = ''
  #isUp = false
  #upSince = 0

  /** `file` is TypeScript, from the root of the repository. */
  constructor(file: string, { environment, through = [] }: ProgramOptions) {
    this.#command = [...through, node, join(root, file)]
    this.#environment = {
      // Like `npm start`: otherwise, a program compiles at every start.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/sotto/compiled'),
      ...environment,
    }
  }

  /**
   * Whether an event at a time, in milliseconds of `Date`, may be due to the program being down.
   */
  wasAway(atMs: number): boolean {
    return !this.#isUp || atMs < this.#upSince
  }

  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error('The program was not started')
    return pid
  }

  /** Its output since the first start. */
  get printed(): string {
    return this.#printed
  }

  /** Resolves when `isServing`, which gets the output since this start, returns true. */
  async start(isServing: (printed: string) => boolean | Promise<boolean>): Promise<void> {
    const [program = node, ...args] = this.#command
    const child = spawn(program, args, {
      cwd: root,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    const from = this.#printed.length
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#printed += text
      })
    }
    const deadline = Date.now() + PATIENCE_MS
    while (!(await isServing(this.#printed.slice(from)))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill()
        throw new Error(`The program did not start:\n${this.#printed.slice(from)}`)
      }
      await sleep(lookEveryMs)
    }
    this.#isUp = true
    this.#upSince = Date.now()
  }

  /** The next one-time code that is printed for a number or address. Each is returned once. */
  codeFor(contact: string): Promise<string> {
    return this.#codes.next(contact)
  }

  /** Resolves when it has exited. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    this.#isUp = false
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}
