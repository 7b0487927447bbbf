import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { choosePorts } from '../../apps/cluster/src/choose-ports.ts'
import { readClusterConfig } from '../../apps/cluster/src/config.ts'
import { ownCertificate } from '../../apps/cluster/src/nginx/certificate.ts'
import { findBrotliModule } from '../../apps/cluster/src/nginx/start-nginx.ts'
import { workerUser } from '../../apps/cluster/src/nginx/workers.ts'
import { findProgram } from '../../apps/cluster/src/parts/run-program.ts'
import { type GatewayValues, renderNginxConfig } from '../../gateway/render-nginx-config.ts'
import { eventually } from '../network/eventually.ts'

/** A server behind the gateway: reports everything that it receives, and counts requests. */
export interface Backend {
  readonly address: string
  readonly requests: IncomingMessage[]
  /** Whether it disconnects in the middle of a request instead of answering. */
  hangsUp: boolean
  close(): Promise<void>
}

export async function startBackend(): Promise<Backend> {
  const server: Server = createServer((request, response) => {
    backend.requests.push(request)
    if (backend.hangsUp) return void request.socket.destroy()
    request.resume().on('end', () => response.end(JSON.stringify(request.headers)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const backend: Backend = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    hangsUp: false,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return backend
}

/** The real NGINX with our configuration, in front of test backends. */
export interface Gateway extends AsyncDisposable {
  readonly plainPort: number
  readonly tlsPort: number
  /** The origin of the operator's listener. */
  readonly statusOrigin: string
  /** The origin of the listener without TLS. */
  readonly origin: string
  readonly webAppFolder: string
  /** Stops it as an operator would, and resolves to its exit status. */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** Everything that NGINX has logged; the latest lines may still be on their way. */
  logs(): Promise<string>
}

/** The secret that would identify the gateway to services in the tests. */
export const gatewaySecret = 'g4t3w4y-of-the-tests-b7Kx2mQz90Vr'
const nobody = { servers: ['127.0.0.1:9'] }
const files: Record<string, string> = {
  'index.html': '<!doctype html><title>Sotto</title>',
  'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'assets/index-1a2b3c4d.js': 'export {}',
  'assets/index-1a2b3c4d.js.gz': 'gzipped',
  'assets/index-1a2b3c4d.css': 'a{}',
  'assets/password-worker-1a2b3c4d.js': 'export {}',
}

export async function startGateway(values: Partial<GatewayValues> = {}): Promise<Gateway> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-gateway-'))
  // A place that NGINX's workers can reach, because they run as a different user if we are root.
  const webAppFolder = `${folder}-web`
  await mkdir(join(webAppFolder, 'assets'), { recursive: true, mode: 0o755 })
  for (const [name, text] of Object.entries(files)) await writeFile(join(webAppFolder, name), text)
  const ports = await choosePorts(
    readClusterConfig({ HTTP_PORT: '0', HTTPS_PORT: '0', GATEWAY_STATUS_PORT: '0' }).wantedPorts,
  )
  const user = await workerUser()
  const brotliModule = await findBrotliModule()
  const config = await renderNginxConfig({
    ...(user !== undefined && { user }),
    ...(brotliModule !== undefined && { brotliModule }),
    workers: '1',
    maxOpenFiles: 65_536,
    pidFile: join(folder, 'nginx.pid'),
    accessLog: join(folder, 'access.log'),
    errorLog: join(folder, 'error.log'),
    temporaryFolder: folder,
    plainListeners: [`127.0.0.1:${ports.http}`],
    plainServes: true,
    publicUrl: 'https://chat.example.org',
    tls: {
      listeners: [`127.0.0.1:${ports.https}`],
      ...(await ownCertificate(folder, 'localhost')),
    },
    statusListener: `127.0.0.1:${ports.gatewayStatus}`,
    gatewaySecret,
    upstreams: { auth: nobody, chat: nobody, websocket: nobody },
    staticFolder: webAppFolder,
    limitFactor: 100,
    ...values,
  })
  await writeFile(join(folder, 'nginx.conf'), config)
  const child = await start(folder, ports.gatewayStatus)
  const ended = once(child, 'exit').then(([status]) => status as number | null)
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  return {
    plainPort: ports.http,
    tlsPort: ports.https,
    statusOrigin: `http://127.0.0.1:${ports.gatewayStatus}`,
    origin: `http://127.0.0.1:${ports.http}`,
    webAppFolder,
    async logs() {
      const files = ['access.log', 'error.log'].map((name) => readFile(join(folder, name), 'utf8'))
      return (await Promise.all(files)).join('')
    },
    end,
    async [Symbol.asyncDispose]() {
      await end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
      await rm(webAppFolder, { recursive: true, force: true })
    },
  }
}

async function start(folder: string, statusPort: number): Promise<ChildProcess> {
  const nginx = await findProgram('nginx')
  if (nginx === undefined) throw new Error('NGINX is not installed')
  const args = ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', join(folder, 'error.log')]
  const child = spawn(nginx, args, { stdio: 'inherit' })
  await eventually('NGINX to serve', async () => {
    if (child.exitCode !== null) throw new Error('NGINX does not start')
    return (await fetch(`http://127.0.0.1:${statusPort}/status`).catch(() => undefined))?.ok
  })
  return child
}
