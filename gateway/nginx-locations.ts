import { GATEWAY_HEADER } from '@sotto/wire'
import { addHeaders } from './nginx-headers.ts'
import { routes, type Service } from './routes.ts'
import { cacheControlOf, passwordWorkerPath, securityHeadersOf } from './security-headers.ts'

/**
 * The headers about a request for a service, set here whatever the client claims. The secret proves
 * to the service that the gateway set them.
 */
export function passedHeaders(secret: string, connection = '""'): string[] {
  const headers = {
    Host: '$host',
    Connection: connection,
    'X-Forwarded-For': '$remote_addr',
    'X-Forwarded-Proto': '$scheme',
    'X-Forwarded-Host': '""',
    'X-Forwarded-Port': '""',
    'X-Real-IP': '""',
    Forwarded: '""',
    'X-Request-Id': '$request_id',
    [GATEWAY_HEADER]: secret,
  }
  return Object.entries(headers).map(([name, value]) => `proxy_set_header ${name} ${value};`)
}

/** A `location` for each path of the services. */
export function serviceLocations(secret: string): string[] {
  return routes.flatMap(({ path, service }) => {
    const below = `location ^~ ${path.endsWith('/') ? path : `${path}/`} {`
    const itself = path.endsWith('/') ? [] : [`location = ${path} {`]
    return [...itself, below].flatMap((opening) => [opening, ...passTo(service, secret), '}'])
  })
}

function passTo(service: Service, secret: string): string[] {
  const pass = `  proxy_pass http://${service};`
  if (service !== 'websocket') return [pass]
  return [
    pass,
    // A location with any such header inherits none from its context.
    ...passedHeaders(secret, '$connection_upgrade').map((line) => `  ${line}`),
    '  proxy_set_header Upgrade $http_upgrade;',
    '  proxy_buffering off;',
    // An idle connection holds two of these, so they are small; a larger frame passes in pieces.
    '  proxy_buffer_size 2k;',
    '  proxy_buffers 2 2k;',
    '  proxy_busy_buffers_size 2k;',
    // The service detects lost peers better, because it pings silent ones.
    '  proxy_read_timeout 1h;',
    '  proxy_send_timeout 1h;',
  ]
}

/** The files of the web app, each kind with its own policy and cache lifetime. */
export function appLocations(folder: string, isStrict: boolean): string[] {
  const file = (opening: string, example: string, lookUp = '$uri') => [
    `location ${opening} {`,
    `  root ${folder};`,
    `  try_files ${lookUp} =404;`,
    ...addHeaders(
      { ...securityHeadersOf(example), 'cache-control': cacheControlOf(example) },
      isStrict,
    ).map((line) => `  ${line}`),
    '}',
  ]
  return [
    // Hidden files and precompressed variants cannot be requested directly.
    'location ~ (/\\.|\\.(br|gz)$) {',
    '  return 404;',
    '}',
    ...file(`~ "${passwordWorkerPath.source}"`, '/assets/password-worker-x.js'),
    ...file('/assets/', '/assets/x.js'),
    ...file('= /', '/', '/index.html'),
    ...file('/', '/index.html'),
  ]
}

/** Indents lines for the inside of `http`. */
export function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}
