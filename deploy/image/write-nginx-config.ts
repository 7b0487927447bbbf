// Writes the configuration of the gateway's NGINX when its container starts: the same template as
// in the single-machine cluster, with the values of this installation.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  ConfigError,
  checkTlsFiles,
  list,
  networkList,
  port,
  readConfig,
  secretInHeader,
  webAddress,
} from '@sotto/service-runtime'
import { z } from 'zod'
import { maxOpenFiles } from '../../gateway/max-open-files.ts'
import { type GatewayValues, renderNginxConfig } from '../../gateway/render-nginx-config.ts'

const instancesWords = 'must be host:port of each, like chat-1:8083,chat-2:8083'
const instances = list.pipe(
  z.array(z.string().regex(/^[\w.-]+:\d{1,5}$/, instancesWords)).min(1, instancesWords),
)

/** The variables of the gateway's container. */
export const Environment = z.object({
  PUBLIC_URL: webAddress.startsWith('https://', 'must be like https://chat.example.org'),
  GATEWAY_HTTP_PORT: port.default(8080),
  GATEWAY_HTTPS_PORT: port.optional(),
  TLS_CERTIFICATE: z.string().optional(),
  TLS_KEY: z.string().optional(),
  GATEWAY_TRUSTED_PROXIES: networkList.default([]),
  GATEWAY_SECRET: secretInHeader,
  AUTH_INSTANCES: instances,
  CHAT_INSTANCES: instances,
  WEBSOCKET_INSTANCES: instances,
})

/**
 * WebSockets never end by themselves. Requests take less, and the container's stop timeout is
 * longer.
 */
const closeWithinSeconds = 10
const runFolder = '/run/sotto'
const brotliModule = '/usr/lib/nginx/modules/ngx_http_brotli_static_module.so'
const staticFolder = fileURLToPath(new URL('../../apps/web/dist', import.meta.url))

/**
 * The values of NGINX's template for `env`. With a certificate, the gateway terminates TLS itself,
 * and its plain port redirects browsers. Without, a proxy in front must terminate TLS, and must be
 * named. Throws `ConfigError`.
 */
export function readGatewayValues(env: NodeJS.ProcessEnv): Omit<GatewayValues, 'maxOpenFiles'> {
  const variables = readConfig(Environment, env)
  const { GATEWAY_HTTPS_PORT, TLS_CERTIFICATE, TLS_KEY, GATEWAY_TRUSTED_PROXIES } = variables
  const tls =
    GATEWAY_HTTPS_PORT !== undefined && TLS_CERTIFICATE !== undefined && TLS_KEY !== undefined
      ? {
          listeners: [`0.0.0.0:${GATEWAY_HTTPS_PORT}`],
          certificate: TLS_CERTIFICATE,
          certificateKey: TLS_KEY,
        }
      : undefined
  if (tls === undefined && GATEWAY_TRUSTED_PROXIES.length === 0) {
    throw new ConfigError(
      'GATEWAY_TRUSTED_PROXIES: must name the proxy that terminates TLS, unless GATEWAY_HTTPS_PORT, TLS_CERTIFICATE and TLS_KEY are set',
    )
  }
  return {
    brotliModule,
    workers: 'auto',
    pidFile: `${runFolder}/nginx.pid`,
    accessLog: '/dev/stdout',
    errorLog: 'stderr',
    temporaryFolder: runFolder,
    plainListeners: [`0.0.0.0:${variables.GATEWAY_HTTP_PORT}`],
    plainServes: tls === undefined,
    publicUrl: new URL(variables.PUBLIC_URL).origin,
    ...(tls !== undefined && { tls }),
    trustedProxies: GATEWAY_TRUSTED_PROXIES,
    gatewaySecret: variables.GATEWAY_SECRET,
    upstreams: {
      auth: { servers: variables.AUTH_INSTANCES },
      chat: { servers: variables.CHAT_INSTANCES },
      websocket: { servers: variables.WEBSOCKET_INSTANCES },
    },
    staticFolder,
    limitFactor: 1,
    closeWithinSeconds,
  }
}

if (import.meta.main) {
  try {
    const values = readGatewayValues(process.env)
    checkTlsFiles({
      TLS_CERTIFICATE: values.tls?.certificate,
      TLS_KEY: values.tls?.certificateKey,
    })
    const config = await renderNginxConfig({ ...values, maxOpenFiles: await maxOpenFiles() })
    await writeFile(`${runFolder}/nginx.conf`, config, { mode: 0o600 })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
