import { readFile } from 'node:fs/promises'
import { MAX_BODY_BYTES } from '@sotto/wire'
import { errorLocations, errorPages } from './nginx-errors.ts'
import { addHeaders } from './nginx-headers.ts'
import { healthLocations, healthMaps } from './nginx-health.ts'
import { appLocations, indent, passedHeaders, serviceLocations } from './nginx-locations.ts'
import type { Service } from './routes.ts'
import { apiHeaders } from './security-headers.ts'

/** What differs from one installation to the next. Paths are absolute; addresses are NGINX's `listen`. */
export interface GatewayValues {
  /** Whom the workers run as; only for an NGINX that root starts. */
  readonly user?: string
  /** Where NGINX has `ngx_http_brotli_static_module.so`, if it has it. */
  readonly brotliModule?: string
  /** A number, or `auto` for one per core. */
  readonly workers: string
  /** What a worker may have; see `maxOpenFiles`. */
  readonly maxOpenFiles: number
  readonly pidFile: string
  readonly accessLog: string
  readonly errorLog: string
  /** For NGINX's folders of temporary files, which stay empty. */
  readonly temporaryFolder: string
  /** Of listeners without TLS, such as `127.0.0.1:8080` or `[::]:8080`. */
  readonly plainListeners: readonly string[]
  /** What they do: send browsers to `publicUrl`, or serve everything themselves. */
  readonly plainServes: boolean
  /** Where people reach us, without a slash at the end. */
  readonly publicUrl: string
  /** `host:port` of what an authority for certificates is to find at `/.well-known/acme-challenge/`. */
  readonly challenges?: string
  readonly tls?: {
    readonly listeners: readonly string[]
    readonly certificate: string
    readonly certificateKey: string
  }
  /** How long connections may stay when NGINX ends, or has read another configuration; 3600 by default. */
  readonly closeWithinSeconds?: number
  /** A listener for the operator, with NGINX's own counters at `/status`. */
  readonly statusListener?: string
  /** Counts configurations: that of a worker is at `/generation/<number>` of the listener for the operator. */
  readonly generation?: number
  /** Proxies in front whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[]
  /** What the services know the gateway by: whoever reads the configuration could claim to be it. */
  readonly gatewaySecret: string
  readonly upstreams: Readonly<Record<Service, Upstream>>
  /** The built web app. */
  readonly staticFolder: string
  /** How many times wider the limits per address are: 1, but for tests that are many people at one address. */
  readonly limitFactor: number
}

/** The instances of a service, as `host:port`. */
export interface Upstream {
  readonly servers: readonly string[]
  /** Asked when none of the others can be reached. */
  readonly spare?: readonly string[]
}

const template = new URL('./nginx.conf.template', import.meta.url)

/** Many people may share the address of a school or a company. */
const perAddress = { requestsPerSecond: 200, requestBurst: 1_000, connections: 5_000 }
const mostPerSecond = 10_000_000
/** A body that comes in chunks has to be found too large before its buffer is full: on the disk it would go on. */
const CHUNK_FRAMING_BYTES = 64 * 1024
/** NGINX counts connections in 16 bits. */
const mostConnections = 65_535

/** The configuration of NGINX for one installation. Throws when a value could break out of its place. */
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
    if (part === undefined) throw new Error(`the template asks for ${name}, which is unknown`)
    return part
  })
  return rendered.replaceAll(/\n\s*\n(\s*\n)+/g, '\n\n')
}

/** A value as NGINX reads one word, whatever blanks it has. */
function word(value: string): string {
  // A `$` would be a variable, and there is no way to write one that is none.
  if (/["\\$\n;{}]/.test(value))
    throw new Error(`${value} cannot stand in a configuration of NGINX`)
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
    // Never set aside: a refused connection costs nothing, and an instance that is back serves at once.
    ...servers.map((server) => `  server ${word(server)} max_fails=0;`),
    ...spare.map((server) => `  server ${word(server)} max_fails=0 backup;`),
    // A WebSocket is never given back, so only the others keep connections.
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

/** An authority asks without TLS, since there may be no certificate yet. */
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
    // Keys of tickets would live as long as NGINX, and with them the secrecy of what was said.
    '  ssl_session_tickets off;',
    '  ssl_session_timeout 1h;',
    ...contents(values, isOfItsOwn(values.publicUrl)).map((line) => `  ${line}`),
    '}',
  ]
}

/** `localhost` is everybody's: told to insist on TLS, a browser would do so at every port of the machine. */
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
