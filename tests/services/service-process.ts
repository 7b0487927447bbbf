import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventually } from '../network/eventually.ts'
import { freePort } from '../programs/free-port.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))

/** One service in a separate process, as an operator runs it. */
export class ServiceProcess implements AsyncDisposable {
  readonly url: string
  readonly internalUrl: string
  /** Resolves to its exit status. */
  readonly ended: Promise<number | null>
  readonly #child
  #told = ''

  private constructor(name: string, ports: readonly [number, number], env: NodeJS.ProcessEnv) {
    const [port, internalPort] = ports
    this.url = `http://127.0.0.1:${port}`
    this.internalUrl = `http://127.0.0.1:${internalPort}`
    this.#child = spawn(process.execPath, [`services/${name}/src/main.ts`], {
      cwd: repository,
      env: {
        [`${name.toUpperCase()}_PORT`]: `${port}`,
        INTERNAL_PORT: `${internalPort}`,
        LOG_LEVEL: 'error',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk: Buffer) => {
      this.#told += chunk
    }
    this.#child.stdout.on('data', keep)
    this.#child.stderr.on('data', keep)
    this.ended = once(this.#child, 'close').then(([status]) => status)
  }

  static async spawn(
    name: 'auth' | 'chat' | 'websocket',
    env: NodeJS.ProcessEnv,
  ): Promise<ServiceProcess> {
    return new ServiceProcess(name, [await freePort(), await freePort()], env)
  }

  /** Its output so far. */
  get told(): string {
    return this.#told
  }

  /** The status of `/ready`; 0 if there is no answer. */
  async ready(): Promise<number> {
    return fetch(`${this.internalUrl}/ready`).then(
      ({ status }) => status,
      () => 0,
    )
  }

  async untilReady(): Promise<this> {
    await eventually('readiness', async () => {
      if (this.#child.exitCode !== null) throw new Error(`ended: ${this.told}`)
      return (await this.ready()) === 200
    })
    return this
  }

  stop() {
    this.#child.kill('SIGTERM')
  }

  async [Symbol.asyncDispose]() {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}
