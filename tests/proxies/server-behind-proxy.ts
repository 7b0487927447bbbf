import { ServerProcess } from '../programs/server-process.ts'
import { trustLocally } from '../programs/trust-locally.ts'
import {
  domain,
  newProxyPorts,
  type ProxyName,
  type RunningProxy,
  startProxy,
} from './start-proxy.ts'

/**
 * Sotto as `npm start` runs it, behind a web server with the configuration of `deploy/proxies`, both as
 * docs/operating.md describes. After that, only the web server is reached, by its name, even from this process, which
 * trusts its certificate.
 */
export class ServerBehindProxy {
  readonly proxy: RunningProxy
  readonly sotto: ServerProcess

  private constructor(sotto: ServerProcess, proxy: RunningProxy) {
    this.sotto = sotto
    this.proxy = proxy
  }

  get origin(): string {
    return this.proxy.origin
  }

  static async start(
    name: ProxyName,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<ServerBehindProxy> {
    await using starting = new AsyncDisposableStack()
    const ports = await newProxyPorts()
    const sotto = starting.use(
      await ServerProcess.start({
        PUBLIC_URL: `https://${domain}:${ports.httpsPort}`,
        TRUSTED_PROXIES: '127.0.0.1',
        ...environment,
      }),
    )
    const proxy = starting.use(
      await startProxy(name, {
        ...ports,
        backend: `127.0.0.1:${new URL(sotto.origin).port}`,
        secret: environment.GATEWAY_SECRET,
      }),
    )
    trustLocally(domain, proxy.certificate)
    starting.move()
    return new ServerBehindProxy(sotto, proxy)
  }

  /** Whether an event at a time, in milliseconds of `Date`, may be due to Sotto being down. */
  wasAway(atMs: number): boolean {
    return this.sotto.wasAway(atMs)
  }

  /** Starts Sotto again, while the web server keeps running. */
  async start(): Promise<void> {
    await this.sotto.start()
  }

  /** Stops Sotto; the web server keeps running. */
  async stop(): Promise<void> {
    await this.sotto.stop()
  }

  codeFor(contact: string): Promise<string> {
    return this.sotto.codeFor(contact)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]()
    await this.sotto[Symbol.asyncDispose]()
  }
}
