import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import type { Pebble } from './pebble.ts'
import { Program } from './program.ts'

/** The ports of this machine to which ports 80 and 443 of the domain lead. */
export interface DomainPorts {
  readonly http: number
  readonly https: number
}

export const newDomainPorts = async (): Promise<DomainPorts> => ({
  http: await freePort(),
  https: await freePort(),
})

/** Sotto as `DOMAIN=… npm start` runs it, with separate data. */
export class DomainProcess implements AsyncDisposable {
  readonly origin: string
  readonly dataFolder: string
  readonly #program: Program
  #phones = 0

  private constructor(origin: string, dataFolder: string, environment: NodeJS.ProcessEnv) {
    this.origin = origin
    this.dataFolder = dataFolder
    this.#program = new Program('apps/all-in-one/src/main.ts', { environment })
  }

  /** Nothing is started yet. */
  static async prepare(
    domain: string,
    ports: DomainPorts,
    pebble: Pebble,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<DomainProcess> {
    const dataFolder = await mkdtemp(join(tmpdir(), 'sotto-domain-'))
    return new DomainProcess(`https://${domain}:${ports.https}`, dataFolder, {
      ...process.env,
      DOMAIN: domain,
      HTTP_PORT: String(ports.http),
      HTTPS_PORT: String(ports.https),
      ACME_DIRECTORY: pebble.directory,
      ACME_EMAIL: 'admin@example.org',
      ACME_CA_CERTIFICATE: pebble.ownCertificate,
      SOTTO_DATA: dataFolder,
      RATE_LIMIT_FACTOR: '100',
      ...environment,
    })
  }

  /** Whether an event at a time, in milliseconds of `Date`, may be due to the server being down. */
  wasAway(atMs: number): boolean {
    return this.#program.wasAway(atMs)
  }

  get printed(): string {
    return this.#program.printed
  }

  /** Starts it; resolves when it has printed `words`. */
  async start(words = 'Sotto is running'): Promise<void> {
    await this.#program.start((printed) => printed.includes(words))
  }

  async stop(): Promise<void> {
    await this.#program.end('SIGINT')
  }

  codeFor(contact: string): Promise<string> {
    return this.#program.codeFor(contact)
  }

  newPhone(): string {
    this.#phones += 1
    return `+4915123${String(this.#phones).padStart(6, '0')}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.dataFolder, { recursive: true, force: true })
  }
}
