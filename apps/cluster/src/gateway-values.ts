import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { GatewayValues } from '../../../gateway/render-nginx-config.ts'
import type { Ports } from './choose-ports.ts'
import type { ClusterConfig } from './config.ts'
import type { CertificateFiles } from './nginx/certificate.ts'
import type { Instance } from './parts/part.ts'

/** The settings of the cluster's gateway, besides the participating instances. */
export interface GatewaySetting {
  readonly config: ClusterConfig
  readonly ports: Ports
  readonly publicUrl: string
  readonly gatewaySecret: string
  readonly maxOpenFiles: number
  readonly certificate: CertificateFiles
  /** The port that answers the challenges of a certificate authority. */
  readonly challengePort: number | undefined
  readonly staticFolder: string
  readonly user: string | undefined
  readonly brotliModule: string | undefined
}

/** The gateway's values with every instance except those in `out`. */
export function gatewayValues(
  setting: GatewaySetting,
  out: readonly Instance[] = [],
): GatewayValues {
  const { config, ports, certificate, challengePort, user, brotliModule } = setting
  const logs = join(config.dataFolder, 'logs')
  const listeners = (port: number) => listenersOf(config.gatewayHost, port)
  const addresses = (...instances: Instance[]) =>
    instances
      .filter((instance) => !out.includes(instance))
      .map((instance) => `127.0.0.1:${ports[instance].port}`)
  return {
    ...(user !== undefined && { user }),
    ...(brotliModule !== undefined && { brotliModule }),
    workers: 'auto',
    maxOpenFiles: setting.maxOpenFiles,
    pidFile: join(config.dataFolder, 'run', 'nginx', 'nginx.pid'),
    accessLog: join(logs, 'nginx-access.log'),
    errorLog: join(logs, 'nginx.log'),
    temporaryFolder: join(config.dataFolder, 'run', 'nginx'),
    plainListeners: listeners(ports.http),
    plainServes: config.plainHttp,
    publicUrl: setting.publicUrl,
    tls: { listeners: listeners(ports.https), ...certificate },
    ...(challengePort !== undefined && { challenges: `127.0.0.1:${challengePort}` }),
    statusListener: `127.0.0.1:${ports.gatewayStatus}`,
    trustedProxies: config.trustedProxies,
    gatewaySecret: setting.gatewaySecret,
    upstreams: {
      auth: out.includes('auth')
        ? { servers: addresses('auth-spare') }
        : { servers: addresses('auth'), spare: addresses('auth-spare') },
      chat: { servers: addresses('chat-1', 'chat-2') },
      websocket: { servers: addresses('websocket-1', 'websocket-2') },
    },
    staticFolder: setting.staticFolder,
    limitFactor: config.limitFactor,
  }
}

/**
 * `*` means every address of the machine, `localhost` both of its loopback addresses; anything else
 * is a single address.
 */
function listenersOf(host: string, port: number): string[] {
  const hasIpv6 = Object.values(networkInterfaces())
    .flat()
    .some((address) => address?.family === 'IPv6')
  const one = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  if (host === '*') return hasIpv6 ? [`0.0.0.0:${port}`, `[::]:${port}`] : [`0.0.0.0:${port}`]
  if (host === 'localhost') {
    return hasIpv6 ? [`127.0.0.1:${port}`, `[::1]:${port}`] : [`127.0.0.1:${port}`]
  }
  return [`${one}:${port}`]
}
