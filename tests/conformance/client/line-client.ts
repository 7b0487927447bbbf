import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import {
  type CommandAnswer,
  type CommandInput,
  type CommandName,
  lineCommands,
  Refusal,
} from './line-protocol.ts'

/** A command that the client under test refused. */
export class RefusedCommand extends Error {
  override readonly name = 'RefusedCommand'
  readonly code: string

  constructor(command: string, code: string, complaints: string) {
    super(`${command} was refused: ${code}\n${complaints}`)
    this.code = code
  }
}

const ANSWER_WITHIN_MS = 30_000
const END_WITHIN_MS = 5_000
const KEPT_CHARS = 4_000

/** A process of the client under test, with the lines sent to it and received from it. */
export class LineClient {
  readonly #child: ChildProcess
  readonly #waiting: ((line: string | undefined) => void)[] = []
  #lastId = 0
  /** The end of its standard error output, for failure messages. */
  #complaints = ''

  /** The shell runs `command`. */
  constructor(command: string) {
    // A separate process group, so that the shell and its children end together.
    this.#child = spawn(command, { shell: true, detached: true, stdio: 'pipe' })
    const { stdout, stderr, stdin } = this.#child
    if (!stdout || !stderr || !stdin) throw new Error('the client has no standard streams')
    stderr.on('data', (text) => {
      this.#complaints = (this.#complaints + String(text)).slice(-KEPT_CHARS)
    })
    // It may be killed while a line is being written.
    stdin.on('error', () => {})
    createInterface({ input: stdout }).on('line', (line) => this.#waiting.shift()?.(line))
    this.#child.on('close', () => {
      for (const answer of this.#waiting.splice(0)) answer(undefined)
    })
  }

  /** Sends one command and waits for its answer. Throws `RefusedCommand` if it's refused. */
  async ask<C extends CommandName>(name: C, input: CommandInput<C>): Promise<CommandAnswer<C>> {
    this.#lastId += 1
    const id = this.#lastId
    const answered = new Promise<string | undefined>((done) => this.#waiting.push(done))
    this.#child.stdin?.write(`${JSON.stringify({ id, do: name, ...(input as object) })}\n`)
    const timer = setTimeout(() => this.kill(), ANSWER_WITHIN_MS)
    const line = await answered.finally(() => clearTimeout(timer))
    if (line === undefined) throw new Error(`no answer to ${name}\n${this.#complaints}`)
    return this.#readAnswer(name, id, line)
  }

  /** Closes standard input, which makes a client exit. */
  async end(): Promise<void> {
    if (this.#hasEnded()) return
    const timer = setTimeout(() => this.kill(), END_WITHIN_MS)
    this.#child.stdin?.end()
    await once(this.#child, 'close')
    clearTimeout(timer)
  }

  /** Kills the process, like a crash. */
  async kill(): Promise<void> {
    if (this.#hasEnded() || this.#child.pid === undefined) return
    const closed = once(this.#child, 'close')
    process.kill(-this.#child.pid, 'SIGKILL')
    await closed
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  #readAnswer<C extends CommandName>(name: C, id: number, line: string): CommandAnswer<C> {
    const { id: answered, ok, ...answer } = parseObject(name, line)
    if (answered !== id) throw new Error(`${name}: answer to ${answered} instead of ${id}: ${line}`)
    if (ok === false) {
      const { code } = Refusal.parse({ id, ok, ...answer })
      throw new RefusedCommand(name, code, this.#complaints)
    }
    const parsed = lineCommands[name].answer.safeParse(answer)
    if (ok !== true || !parsed.success) {
      throw new Error(`${name}: not an answer of the line protocol: ${line}\n${parsed.error}`)
    }
    return parsed.data as CommandAnswer<C>
  }
}

function parseObject(name: string, line: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(line))
  } catch {
    throw new Error(`${name}: not a line of JSON: ${line.slice(0, 200)}`)
  }
}
