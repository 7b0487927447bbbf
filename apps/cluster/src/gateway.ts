import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AutomaticCertificate,
  startAutomaticCertificate,
  webAppFolder,
} from '@sotto/all-in-one'
import { type Logger, StartError } from '@sotto/service-runtime'
import { maxOpenFiles } from '../../../gateway/max-open-files.ts'
import type { Ports } from './choose-ports.ts'
import type { ClusterConfig } from './config.ts'
import { type GatewaySetting, gatewayValues } from './gateway-values.ts'
import { type CertificateFiles, ownCertificate } from './nginx/certificate.ts'
import { findBrotliModule, type NginxPart, nginxPart } from './nginx/start-nginx.ts'
import { readableWebApp, workerUser } from './nginx/workers.ts'
import type { Instance } from './parts/part.ts'

export interface GatewayOptions {
  readonly config: ClusterConfig
  readonly ports: Ports
  readonly publicUrl: string
  readonly gatewaySecret: string
  readonly log: Logger
  readonly print: (line: string) => void
}

/** What users reach: NGINX and its certificate. */
export class Gateway {
  readonly #options: GatewayOptions
  #nginx: { readonly part: NginxPart; setting: GatewaySetting } | undefined
  #certificate: AutomaticCertificate | undefined
  /** Instances that currently get no requests. */
  #out: readonly Instance[] = []
  #reloading: Promise<void> = Promise.resolve()
  readonly #serves = Promise.withResolvers<void>()

  constructor(options: GatewayOptions) {
    this.#options = options
  }

  /** Prepares the certificate, then starts NGINX with `run`. */
  async start(run: (nginx: NginxPart) => Promise<unknown>): Promise<void> {
    await this.#startCertificate()
    await this.#startNginx(run)
  }

  /** Passes requests to every instance except those in `out`. */
  async exclude(...out: Instance[]): Promise<void> {
    this.#out = out
    await this.#reload()
  }

  /** Stops renewing the certificate. NGINX is stopped by its supervisor. */
  async close(): Promise<void> {
    await this.#certificate?.close()
  }

  /** One after the other, because a certificate may be renewed during a rolling restart. */
  async #reload(): Promise<void> {
    const nginx = this.#nginx
    if (nginx === undefined) throw new StartError('The cluster is not running.')
    const reload = () => nginx.part.reload(gatewayValues(nginx.setting, this.#out))
    const turn = this.#reloading.then(reload)
    this.#reloading = turn.catch(() => undefined)
    await turn
  }

  async #startCertificate(): Promise<void> {
    const { config, ports, publicUrl, log, print } = this.#options
    const { acme: settings, dataFolder } = config
    if (settings === undefined) return
    this.#certificate = await startAutomaticCertificate({
      settings,
      dataFolder,
      publicUrl,
      listen: { host: '127.0.0.1', port: 0 },
      httpPort: ports.http,
      reached: this.#serves.promise,
      log,
      print,
    })
    this.#certificate.onRenewed(async () => {
      await this.#useCertificate()
      print(`There is a new certificate for ${settings.domain}.`)
    })
  }

  async #useCertificate(): Promise<void> {
    const certificate = await this.#certificateFiles()
    if (this.#nginx === undefined) return
    this.#nginx.setting = { ...this.#nginx.setting, certificate }
    await this.#reload()
  }

  /**
   * The configured certificate, the authority's, or a self-signed one, which is also used until the
   * authority has issued one.
   */
  async #certificateFiles(): Promise<CertificateFiles> {
    const { config, publicUrl } = this.#options
    const kept = this.#certificate
    if (kept?.current()) return { certificate: kept.file, certificateKey: kept.file }
    const { hostname } = new URL(publicUrl)
    return config.tls || (await ownCertificate(config.dataFolder, hostname))
  }

  async #startNginx(run: (nginx: NginxPart) => Promise<unknown>): Promise<void> {
    const { config, ports, publicUrl, gatewaySecret, print } = this.#options
    if (!existsSync(join(webAppFolder, 'index.html'))) {
      throw new StartError('The web app is not built. Run npm run build.')
    }
    const setting: GatewaySetting = {
      config,
      ports,
      publicUrl,
      gatewaySecret,
      maxOpenFiles: await maxOpenFiles(),
      certificate: await this.#certificateFiles(),
      challengePort: this.#certificate?.port,
      staticFolder: await readableWebApp(webAppFolder, config.dataFolder),
      user: await workerUser(),
      brotliModule: await findBrotliModule(),
    }
    const part = nginxPart({
      dataFolder: config.dataFolder,
      port: ports.https,
      statusPort: ports.gatewayStatus,
      values: gatewayValues(setting),
      print,
    })
    this.#nginx = { part, setting }
    await run(part)
    this.#serves.resolve()
    // NGINX started with a self-signed certificate before the stored one was read.
    const { certificate } = await this.#certificateFiles()
    if (certificate !== setting.certificate.certificate) await this.#useCertificate()
  }
}
