import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { acmeSettingsOf, acmeVariables, publicUrlOf } from '@sotto/all-in-one'
import {
  ConfigError,
  checkForProduction,
  checkTlsFiles,
  databaseUrl,
  type Env,
  environmentName,
  flag,
  limitFactor,
  list,
  listenHost,
  networkList,
  port,
  rabbitmqUrl,
  readConfig,
  webAddress,
} from '@sotto/service-runtime'
import { z } from 'zod'

export const repository = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * The variables of `npm run cluster`; those of the services are passed on. Port 0 means a free
 * port.
 */
export const clusterVariables = z.object({
  ...acmeVariables,
  NODE_ENV: environmentName,
  SOTTO_CLUSTER_DATA: z.string().default('data-cluster'),
  PUBLIC_URL: webAddress.optional(),
  ALLOWED_ORIGINS: list.pipe(z.array(webAddress)).default([]),
  GATEWAY_HOST: listenHost.optional(),
  HTTP_PORT: port.optional(),
  HTTPS_PORT: port.optional(),
  GATEWAY_STATUS_PORT: port.default(9080),
  GATEWAY_TRUSTED_PROXIES: networkList.default([]),
  CLUSTER_PLAIN_HTTP: flag.default(false),
  TLS_CERTIFICATE: z.string().optional(),
  TLS_KEY: z.string().optional(),
  AUTH_PORT: port.default(8081),
  AUTH_SPARE_PORT: port.default(8091),
  WEBSOCKET_PORT: port.default(8082),
  WEBSOCKET_SECOND_PORT: port.default(8092),
  CHAT_PORT: port.default(8083),
  CHAT_SECOND_PORT: port.default(8084),
  POSTGRES_PORT: port.default(8432),
  POSTGRES_URL: databaseUrl.optional(),
  RABBITMQ_PORT: port.default(8672),
  RABBITMQ_URL: rabbitmqUrl.optional(),
  RATE_LIMIT_FACTOR: limitFactor.default(1),
})

export type ClusterConfig = ReturnType<typeof readClusterConfig>

/** The location of the cluster's data, even if the rest of the configuration is invalid. */
export function dataFolderOf(env: Env): string {
  const folder = env.SOTTO_CLUSTER_DATA || 'data-cluster'
  return isAbsolute(folder) ? folder : join(repository, folder)
}

/** Reads the configuration of the cluster. Throws `ConfigError`. */
export function readClusterConfig(env: Env) {
  const variables = readConfig(clusterVariables, env)
  const { NODE_ENV, CLUSTER_PLAIN_HTTP, TLS_CERTIFICATE, TLS_KEY } = variables
  const isProduction = NODE_ENV === 'production'
  checkForProduction(variables, variables.DOMAIN === undefined ? ['PUBLIC_URL'] : [])
  if (isProduction && CLUSTER_PLAIN_HTTP) {
    throw new ConfigError('CLUSTER_PLAIN_HTTP: must not be used in production')
  }
  checkTlsFiles(variables)
  const acme = acmeSettingsOf(variables)
  if (acme && TLS_CERTIFICATE !== undefined) {
    throw new ConfigError('DOMAIN, TLS_CERTIFICATE: set only one of them')
  }
  const ports = wantedPorts(variables)
  return {
    dataFolder: dataFolderOf(env),
    isProduction,
    publicUrl: acme
      ? publicUrlOf(acme.domain, ports.https, variables.PUBLIC_URL)
      : variables.PUBLIC_URL && new URL(variables.PUBLIC_URL).origin,
    /** Set if the cluster obtains its certificate automatically. */
    acme,
    allowedOrigins: variables.ALLOWED_ORIGINS,
    /**
     * In production, and if an authority must reach it, all addresses of the machine; otherwise
     * only this machine.
     */
    gatewayHost: variables.GATEWAY_HOST ?? (isProduction || acme ? '*' : 'localhost'),
    plainHttp: CLUSTER_PLAIN_HTTP,
    tls: TLS_CERTIFICATE !== undefined &&
      TLS_KEY !== undefined && {
        certificate: TLS_CERTIFICATE,
        certificateKey: TLS_KEY,
      },
    trustedProxies: variables.GATEWAY_TRUSTED_PROXIES,
    limitFactor: variables.RATE_LIMIT_FACTOR,
    postgresUrl: variables.POSTGRES_URL,
    rabbitmqUrl: variables.RABBITMQ_URL,
    wantedPorts: ports,
  }
}

/** A part's internal port is its own plus a thousand, like 9081 for 8081. */
function wantedPorts(variables: z.output<typeof clusterVariables>) {
  const pair = (wanted: number) => ({ port: wanted, internal: wanted === 0 ? 0 : wanted + 1000 })
  return {
    http: variables.HTTP_PORT ?? (variables.DOMAIN === undefined ? 8080 : 80),
    https: variables.HTTPS_PORT ?? (variables.DOMAIN === undefined ? 8443 : 443),
    gatewayStatus: variables.GATEWAY_STATUS_PORT,
    postgres: variables.POSTGRES_PORT,
    rabbitmq: variables.RABBITMQ_PORT,
    auth: pair(variables.AUTH_PORT),
    'auth-spare': pair(variables.AUTH_SPARE_PORT),
    'chat-1': pair(variables.CHAT_PORT),
    'chat-2': pair(variables.CHAT_SECOND_PORT),
    'websocket-1': pair(variables.WEBSOCKET_PORT),
    'websocket-2': pair(variables.WEBSOCKET_SECOND_PORT),
  }
}
