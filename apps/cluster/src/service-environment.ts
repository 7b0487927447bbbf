import type { Secrets } from '@sotto/all-in-one'
import { authVariables } from '@sotto/auth'
import { chatVariables } from '@sotto/chat'
import type { DatabaseUrls } from '@sotto/local-postgres'
import { websocketVariables } from '@sotto/websocket'
import type { Ports } from './choose-ports.ts'
import type { ClusterConfig } from './config.ts'
import type { Instance } from './parts/part.ts'

/** The settings for the cluster's services. */
export interface ServiceEnvironment {
  readonly config: ClusterConfig
  readonly ports: Ports
  readonly publicUrl: string
  readonly secrets: Secrets
  readonly databaseUrls: DatabaseUrls
  readonly rabbitmqUrl: string
  readonly gatewaySecret: string
  /** For the services that the operator's commands call. */
  readonly operatorToken: string
}

// Each service gets only the variables that it reads, so that an attacker who takes over one learns
// no more.
const variables = {
  auth: authVariables.shape,
  chat: chatVariables.shape,
  websocket: websocketVariables.shape,
}
const ofTheSystem = /^(PATH|HOME|LANG|LC_ALL|TZ|NODE_COMPILE_CACHE|NODE_EXTRA_CA_CERTS)$/
/** Each part knows its internal port, and NGINX knows when an instance stops. */
const ofTheCluster = /^(INTERNAL_PORT|SHUTDOWN_DELAY_MS)$/

/** The service to which an instance belongs. */
export function serviceOf(instance: Instance): keyof typeof variables {
  if (instance.startsWith('auth')) return 'auth'
  return instance.startsWith('chat') ? 'chat' : 'websocket'
}

/** The environment of one instance. */
export function environmentOf(
  instance: Instance,
  setting: ServiceEnvironment,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { config, ports, publicUrl, rabbitmqUrl } = setting
  const service = serviceOf(instance)
  const own: NodeJS.ProcessEnv = {
    HOST: '127.0.0.1',
    PUBLIC_URL: publicUrl,
    ALLOWED_ORIGINS: origins(config, ports).join(','),
    TRUSTED_PROXIES: '127.0.0.1',
    GATEWAY_SECRET: setting.gatewaySecret,
    RABBITMQ_URL: rabbitmqUrl,
    INTERNAL_HOST: '127.0.0.1',
    [`${service.toUpperCase()}_PORT`]: `${ports[instance].port}`,
    AUTH_URL: `http://127.0.0.1:${ports.auth.port}`,
    AUTH_INTERNAL_URL: `http://127.0.0.1:${ports.auth.internal}`,
    ...ownVariables(service, setting, env),
  }
  const isPassed = (name: string) => {
    const variable = name.replace(/_FILE$/, '')
    const isSet = variable in own || ofTheCluster.test(variable)
    return ofTheSystem.test(name) || (variable in variables[service] && !isSet)
  }
  const passed = Object.entries(env).filter(([name]) => isPassed(name))
  return { ...Object.fromEntries(passed), ...own }
}

function ownVariables(
  service: keyof typeof variables,
  { secrets, databaseUrls, operatorToken }: ServiceEnvironment,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  if (service === 'websocket') return {}
  if (service === 'chat') {
    return {
      ADMIN_TOKEN: operatorToken,
      CHAT_DATABASE_URL: databaseUrls.chat,
      CHAT_OWNER_DATABASE_URL: databaseUrls.chatOwner,
    }
  }
  const made = {
    AUTH_SIGNING_KEY: secrets.signingKey,
    AUTH_OPAQUE_SETUP: secrets.opaqueSetup,
    AUTH_CODE_PEPPER: secrets.codePepper,
  }
  // Secrets that the operator stores elsewhere take precedence.
  const needed = Object.entries(made).filter(([name]) => !env[name] && !env[`${name}_FILE`])
  return {
    ...Object.fromEntries(needed),
    ADMIN_TOKEN: operatorToken,
    AUTH_DATABASE_URL: databaseUrls.auth,
    AUTH_OWNER_DATABASE_URL: databaseUrls.authOwner,
  }
}

/**
 * Other pages that may call: the configured ones and, in development, every name that this machine
 * has for itself.
 */
function origins({ isProduction, plainHttp, allowedOrigins }: ClusterConfig, ports: Ports) {
  if (isProduction) return allowedOrigins
  const hosts = ['localhost', '127.0.0.1', '[::1]']
  const local = hosts.flatMap((host) => [
    `https://${host}:${ports.https}`,
    ...(plainHttp ? [`http://${host}:${ports.http}`] : []),
  ])
  return [...local, ...allowedOrigins]
}
