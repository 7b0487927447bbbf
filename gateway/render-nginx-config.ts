import { readFile } from 'node:fs/promises'
import { MAX_BODY_BYTES } from '@sotto/wire'
import { errorLocations, errorPages } from './nginx-errors.ts'
import { addHeaders } from './nginx-headers.ts'
import { healthLocations, healthMaps } from './nginx-health.ts'
import { appLocations, indent, passedHeaders, serviceLocations } from './nginx-locations.ts'
import type { Service } from './routes.ts'
import { apiHeaders } from './security-headers.ts'

/**
 * The values that differ between installations. Paths are absolute; addresses have the format of
 * NGINX's `listen`.
 */
export interface GatewayValues {
  /** The user that the workers run as; only if root starts NGINX. */
  readonly user?: string
  /** The path of `ngx_http_brotli_static_module.so`, if NGINX has it. */
  readonly brotliModule?: string
  /** A number, or `auto` for one per core. */
  readonly workers: string
  /** Per worker; see `maxOpenFiles`. */
  readonly maxOpenFiles: number
  readonly pidFile: string
  readonly accessLog: string
  readonly errorLog: string
  /** For NGINX's temporary files; its folders stay empty. */
  readonly temporaryFolder: string
  /** Listeners without TLS, such as `127.0.0.1:8080` or `[::]:8080`. */
  readonly plainListeners: readonly string[]
  /** Whether they serve everything themselves instead of redirecting browsers to `publicUrl`. */
  readonly plainServes: boolean
  /** The public address, without a trailing slash. */
  readonly publicUrl: string
  /**
   * `host:port` of the server that answers a certificate authority at
   * `/.well-known/acme-challenge/`.
   */
  readonly challenges?: string
  readonly tls?: {
    readonly listeners: readonly string[]
    readonly certificate: string
    readonly certificateKey: string
  }
  /**
   * How long connections may stay open when NGINX stops or has loaded another configuration; 3600
   * by default.
   */
  readonly closeWithinSeconds?: number
  /** A listener for the operator, with NGINX's own counters at `/status`. */
  readonly statusListener?: string
  /**
   * Numbers configurations. A worker reports its own at `/generation/<number>` of the operator's
   * listener.
   */
  readonly generation?: number
  /** Proxies in front whose `X-Forwarded-For` is trusted. */
  readonly trustedProxies?: readonly string[]
  /**
   * The secret that identifies the gateway to the services: anyone who can read the configuration
   * can impersonate it.
   */
  readonly gatewaySecret: string
  readonly upstreams: Readonly<Record<Service, Upstream>>
  /** The built web app. */
  readonly staticFolder: string
  /**
   * The factor for the limits per address: 1, except for tests that simulate many people at one
   * address.
   */
  readonly limitFactor: number
}

/** The instances of a service, as `host:port`. */
export interface Upstream {
  readonly servers: readonly string[]
  /** Used if none of the others can be reached. */
  readonly spare?: readonly string[]
}

const template = new URL('./nginx.conf.template', import.meta.url)

/** Many people may share the address of a school or a company. */
const perAddress = { requestsPerSecond: 200, requestBurst: 1_000, connections: 5_000 }
const mostPerSecond = 10_000_000
/**
 * An oversized chunked body must be detected before its buffer is full, because it would continue
 * on the disk.
 */
const CHUNK_FRAMING_BYTES = 64 * 1024
/** NGINX counts connections in 16 bits. */
const mostConnections = 65_535

/**
 * Renders the configuration of NGINX for one installation. Throws if a value could break out of its
 * context.
 */
export async function renderNginxConfig(values: GatewayValues): Promise<string> {
  const text = await readFile(template, 'utf8')
  const parts: Readonly<Record<string, string>> = {
    ...plainParts(values),
    ...limits(values.limitFactor),
    upstreams: upstreams(values),
    passedHeaders: indent(passedHeaders(word(values.gatewaySecret))),
    healthMaps: indent(healthMaps()),
    errorPages: indent(errorPages()),
    servers: indent([...plainServer(values), ...tlsServer(values), ...statusServer(values)]),
  }
  const rendered = text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const part = parts[name]
    if (part === undefined) throw new Error(`The template contains ${name}, which is unknown`)
    return part
  })
  return rendered.replaceAll(/\n\s*\n(\s*\n)+/g, '\n\n')
}

/** Quotes a value as a single word of NGINX's syntax, even if it contains spaces. */
function word(value: string): string {
  // A `$` would start a variable, and it cannot be escaped.
  if (/["\\$\n;{}]/.test(value)) throw new Error(`NGINX's configuration cannot contain ${value}`)
  return /\s/.test(value) ? `"${value}"` : value
}

function plainParts(values: GatewayValues) {
  const { user, brotliModule, trustedProxies = [], temporaryFolder } = values
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${word(`${temporaryFolder}/${kind}`)};`,
  )
  const realAddress = [
    ...trustedProxies.map((proxy) => `set_real_ip_from ${word(proxy)};`),
    'real_ip_header X-Forwarded-For;',
    'real_ip_recursive on;',
  ]
  return {
    modules: brotliModule === undefined ? '' : `load_module ${word(brotliModule)};`,
    brotli: brotliModule === undefined ? '' : 'brotli_static on;',
    user: user === undefined ? '' : `user ${word(user)};`,
    workers: word(values.workers),
    maxOpenFiles: `${values.maxOpenFiles}`,
    pidFile: word(values.pidFile),
    accessLog: word(values.accessLog),
    errorLog: word(values.errorLog),
    temporaryFolders: folders.join('\n  '),
    closeWithin: `${values.closeWithinSeconds ?? 3_600}s`,
    maxBodyBytes: `${MAX_BODY_BYTES}`,
    bodyBufferBytes: `${MAX_BODY_BYTES + CHUNK_FRAMING_BYTES}`,
    realAddress: trustedProxies.length === 0 ? '' : realAddress.join('\n  '),
  }
}

function limits(factor: number) {
  const times = (count: number, most: number) => `${Math.min(Math.ceil(count * factor), most)}`
  return {
    requestsPerSecond: times(perAddress.requestsPerSecond, mostPerSecond),
    requestBurst: times(perAddress.requestBurst, mostPerSecond),
    connections: times(perAddress.connections, mostConnections),
  }
}

const balancing: Readonly<Record<Service, string[]>> = {
  auth: [],
  chat: ['least_conn;'],
  websocket: ['hash $affinity consistent;'],
}

function upstreams(values: GatewayValues): string {
  const blocks = Object.entries(values.upstreams).map(([name, { servers, spare = [] }]) => [
    `upstream ${name} {`,
    `  zone ${name} 128k;`,
    ...balancing[name as Service].map((line) => `  ${line}`),
    // Never marked as failed: a refused connection costs nothing, and a returning instance serves
    // immediately.
    ...servers.map((server) => `  server ${word(server)} max_fails=0;`),
    ...spare.map((server) => `  server ${word(server)} max_fails=0 backup;`),
    // A WebSocket connection is never reused, so only the others are kept alive.
    ...(name === 'websocket' ? [] : ['  keepalive 64;', '  keepalive_timeout 30s;']),
    '}',
  ])
  return indent(blocks.flat())
}

function plainServer(values: GatewayValues): string[] {
  const { plainListeners, plainServes, publicUrl } = values
  if (plainListeners.length === 0) return []
  const redirect = [
    'location / {',
    ...addHeaders(apiHeaders, false).map((line) => `  ${line}`),
    `  return 308 ${word(publicUrl)}$request_uri;`,
    '}',
  ]
  return [
    'server {',
    ...plainListeners.map((listener) => `  listen ${word(listener)} default_server;`),
    ...[
      ...challenges(values),
      ...(plainServes ? contents(values, false) : [...health(values, false), ...redirect]),
    ].map((line) => `  ${line}`),
    '}',
  ]
}

/** An authority connects without TLS, because there may be no certificate yet. */
function challenges({ challenges: address }: GatewayValues): string[] {
  if (address === undefined) return []
  return [
    'location ^~ /.well-known/acme-challenge/ {',
    `  proxy_pass http://${word(address)};`,
    '}',
  ]
}

function tlsServer(values: GatewayValues): string[] {
  if (values.tls === undefined) return []
  const { listeners, certificate, certificateKey } = values.tls
  return [
    'server {',
    ...listeners.map((listener) => `  listen ${word(listener)} ssl http2 default_server;`),
    `  ssl_certificate ${word(certificate)};`,
    `  ssl_certificate_key ${word(certificateKey)};`,
    '  ssl_protocols TLSv1.2 TLSv1.3;',
    '  ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;',
    '  ssl_ecdh_curve X25519:prime256v1:secp384r1;',
    '  ssl_session_cache shared:tls:10m;',
    // Ticket keys would live as long as NGINX, which would weaken forward secrecy.
    '  ssl_session_tickets off;',
    '  ssl_session_timeout 1h;',
    ...contents(values, isOfItsOwn(values.publicUrl)).map((line) => `  ${line}`),
    '}',
  ]
}

/**
 * `localhost` is shared: a browser told to insist on TLS would do so at every port of the machine.
 */
const isOfItsOwn = (publicUrl: string) => new URL(publicUrl).hostname !== 'localhost'

function statusServer(values: GatewayValues): string[] {
  const { statusListener, generation = 0 } = values
  if (statusListener === undefined) return []
  return [
    'server {',
    `  listen ${word(statusListener)};`,
    '  access_log off;',
    ...health(values, false).map((line) => `  ${line}`),
    '  location = /status {',
    '    stub_status;',
    '  }',
    `  location = /generation/${generation} {`,
    '    return 204;',
    '  }',
    '  location / {',
    '    return 404;',
    '  }',
    '}',
  ]
}

function health({ gatewaySecret, staticFolder }: GatewayValues, isStrict: boolean): string[] {
  return healthLocations({ secret: word(gatewaySecret), webApp: word(staticFolder) }, isStrict)
}

function contents(values: GatewayValues, isStrict: boolean): string[] {
  return [
    ...health(values, isStrict),
    ...serviceLocations(word(values.gatewaySecret)),
    ...appLocations(word(values.staticFolder), isStrict),
    ...errorLocations(isStrict),
  ]
}
