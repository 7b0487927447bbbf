import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAdmin, type World } from '../../apps/admin/src/run-admin.ts'
import { OPERATOR_TOKEN, type TestNetwork } from './network.ts'

/** The result of an operator's command. */
export interface Answered {
  readonly status: number
  readonly printed: string
  readonly errors: string
  /** The parsed output of a command with `--json`. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the answer holds
  readonly json: any
}

/** Runs the operator's commands on a test network, and reads their log. */
export class Operator {
  readonly logFile: string
  readonly #folder: string
  readonly #network: TestNetwork
  /** The answer to questions; undefined if there is no terminal. */
  says: boolean | undefined = true
  readonly asked: string[] = []

  static async on(network: TestNetwork): Promise<Operator> {
    return new Operator(network, await mkdtemp(join(tmpdir(), 'sotto-operator-')))
  }

  private constructor(network: TestNetwork, folder: string) {
    this.#network = network
    this.#folder = folder
    this.logFile = join(folder, 'admin.log')
  }

  /** Runs `npm run admin -- …`. */
  async run(...args: string[]): Promise<Answered> {
    return this.runWith({}, ...args)
  }

  /** The same with other variables. */
  async runWith(env: World['env'], ...args: string[]): Promise<Answered> {
    const printed: string[] = []
    const errors: string[] = []
    const url = this.#network.internalUrl
    const status = await runAdmin(args, {
      env: {
        ADMIN_TOKEN: OPERATOR_TOKEN,
        ADMIN_AUTH_URLS: url,
        ADMIN_CHAT_URLS: url,
        ADMIN_LOG: this.logFile,
        ADMIN_NAME: 'ada',
        PUBLIC_URL: 'https://chat.example.org',
        ...env,
      },
      print: (text) => void printed.push(text),
      printError: (text) => void errors.push(text),
      ask: async (question) => {
        this.asked.push(question)
        return this.says
      },
      now: Date.now,
    })
    const text = printed.join('\n')
    const isJson = args.includes('--json') && text !== ''
    return {
      status,
      printed: text,
      errors: errors.join('\n'),
      json: isJson ? JSON.parse(text) : undefined,
    }
  }

  /** The same with `--json`; throws if it fails. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the answer holds
  async json(...args: string[]): Promise<any> {
    const { status, errors, json } = await this.run(...args, '--json', '--yes')
    if (status !== 0) throw new Error(`${args[0]} ended with ${status}: ${errors}`)
    return json
  }

  /** The lines of the log. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever a line holds
  async logged(): Promise<any[]> {
    const text = await readFile(this.logFile, 'utf8')
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  }

  async logMode(): Promise<number> {
    return (await stat(this.logFile)).mode & 0o777
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}
