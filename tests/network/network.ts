import { Writable } from 'node:stream'
import { newOpaqueSetup, newSigningKey } from '@sotto/auth'
import { createLogger } from '@sotto/service-runtime'
import {
  type AllInOne,
  type AllInOneOptions,
  createAllInOne,
} from '../../apps/all-in-one/src/run.ts'
import { createMigratedDatabase, type TestDatabase } from '../postgres/test-database.ts'
import { eventually } from './eventually.ts'
import { Person, type PersonOptions } from './people.ts'

export type TestNetworkOptions = Partial<Pick<AllInOneOptions, 'auth' | 'chat' | 'websocket'>>

/** The token of the operator's commands. */
export const OPERATOR_TOKEN = 'b7Kx2mQz90Vr-0p3r4t0r-of-the-tests'

/**
 * A complete Sotto for one test: all services in this process on a free port, with a separate
 * database, and people with real clients. `await using network = await TestNetwork.start()`.
 */
export class TestNetwork {
  /** The origin from which browsers would load the web app. */
  static readonly webOrigin = 'http://web.test'
  readonly database: TestDatabase
  readonly #options: Omit<AllInOneOptions, 'port'>
  readonly #codes: Map<string, string>
  readonly #logs: string[]
  readonly #people: Person[] = []
  #sotto: AllInOne
  #lastNumber = 0

  static async start(options: TestNetworkOptions = {}): Promise<TestNetwork> {
    const database = await createMigratedDatabase()
    const codes = new Map<string, string>()
    const logs: string[] = []
    const settings = await settingsFor(database, codes, logs, options)
    const sotto = await createAllInOne({ ...settings, port: 0 })
    return new TestNetwork(database, settings, codes, logs, sotto)
  }

  private constructor(
    database: TestDatabase,
    options: Omit<AllInOneOptions, 'port'>,
    codes: Map<string, string>,
    logs: string[],
    sotto: AllInOne,
  ) {
    this.database = database
    this.#options = options
    this.#codes = codes
    this.#logs = logs
    this.#sotto = sotto
  }

  get origin(): string {
    return this.#sotto.url
  }

  /** The address for the operator's commands. */
  get internalUrl(): string {
    return this.#sotto.internalUrl ?? ''
  }

  /** Everything that was logged. */
  get logs(): string {
    return this.#logs.join('')
  }

  /** The next one-time code that is sent to a number or an address. Each is returned once. */
  async codeFor(address: string): Promise<string> {
    const code = await eventually(`a code for ${address}`, () => this.#codes.get(address))
    this.#codes.delete(address)
    return code
  }

  /** An unused phone number. */
  newPhone(): string {
    this.#lastNumber += 1
    return `+4915123${String(this.#lastNumber).padStart(6, '0')}`
  }

  /** A person who has signed up, by phone unless an email address is given. */
  async person(name: string, options: PersonOptions = {}): Promise<Person> {
    const person = await Person.signUp(this, name, options)
    this.#people.push(person)
    return person
  }

  /** Several people: `const [alice, bob] = await network.people('alice', 'bob')`. */
  async people<const Names extends readonly string[]>(...names: Names) {
    const people = await Promise.all(names.map((name) => this.person(name)))
    return people as unknown as { [K in keyof Names]: Person }
  }

  /** Stops the services; `startAgain` serves on the same port. */
  async stop(): Promise<void> {
    await this.#sotto.close()
  }

  /** `options`: the operator's changes in the meantime. */
  async startAgain(options: TestNetworkOptions = {}): Promise<void> {
    const port = Number(new URL(this.origin).port)
    const auth = { ...this.#options.auth, ...options.auth }
    this.#sotto = await createAllInOne({ ...this.#options, ...options, auth, port })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#people.map((person) => person.leave()))
    await this.#sotto.close()
    await this.database.drop()
  }
}

async function settingsFor(
  { url }: TestDatabase,
  codes: Map<string, string>,
  logs: string[],
  { auth, chat, websocket }: TestNetworkOptions,
): Promise<Omit<AllInOneOptions, 'port'>> {
  const destination = new Writable({
    write(chunk, _, done) {
      logs.push(String(chunk))
      done()
    },
  })
  return {
    log: createLogger({ name: 'sotto', level: 'debug', destination }),
    host: '127.0.0.1',
    origins: [TestNetwork.webOrigin],
    internal: { host: '127.0.0.1', port: 0 },
    operatorToken: OPERATOR_TOKEN,
    databaseUrls: { auth: url, chat: url },
    // Connecting to PostgreSQL takes longer than most queries.
    poolSize: 2,
    secrets: {
      signingKey: newSigningKey(),
      opaqueSetup: await newOpaqueSetup(),
      codePepper: 'a pepper for tests, of 32 characters and more',
    },
    sendCode: async ({ address, code }) => {
      codes.set(address, code)
    },
    // Everyone has the same address here.
    auth: { limitFactor: 1_000, ...auth },
    ...(chat && { chat }),
    ...(websocket && { websocket }),
  }
}
