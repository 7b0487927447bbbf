import { HEALTH_HEADER } from '@sotto/wire'
import { errorPages } from './nginx-errors.ts'
import { addHeaders } from './nginx-headers.ts'
import { passedHeaders } from './nginx-locations.ts'
import type { Service } from './routes.ts'
import { apiHeaders } from './security-headers.ts'

// Note: how the gateway tells whether all is well. `auth_request` asks an instance of one service, and
// NGINX has one of it in a location. So `/health` goes through a location for each service, whatever the
// one before it was answered, and keeps in a variable what the service says of itself. Nothing of that is
// logged as a failure: the subrequest turns what is not well into a plain 403.

const services: readonly Service[] = ['auth', 'chat', 'websocket']

const variableOf = (service: Service) => `$${service}_health`
const headerVariable = `$upstream_http_${HEALTH_HEADER.replaceAll('-', '_')}`

/** The part of `http` that turns what services say of themselves into an answer. */
export function healthMaps(): string[] {
  const parts = services.flatMap((service) => [
    `map ${variableOf(service)} $${service}_part {`,
    `  ok '{"status":"ok"}';`,
    `  '' '{"status":"degraded","detail":"no instance answers"}';`,
    `  default '{"status":"degraded","detail":"${variableOf(service)}"}';`,
    '}',
  ])
  return [
    ...parts,
    `map "${services.map(variableOf).join(' ')}" $is_well {`,
    `  "${services.map(() => 'ok').join(' ')}" 1;`,
    '  default 0;',
    '}',
  ]
}

/**
 * `/health`: 200 when an instance of each service answers and says that all it needs is there, otherwise 503
 * and which part is not well. `/live`: whether NGINX itself is there, for whoever would start it again.
 */
export function healthLocations(
  { secret, webApp }: { secret: string; webApp: string },
  isStrict: boolean,
): string[] {
  const next = (index: number) =>
    index < services.length ? `@health-${services[index]}` : '@health-answer'
  const headers = addHeaders(apiHeaders, isStrict).map((line) => `  ${line}`)
  return [
    'location = /live {',
    '  access_log off;',
    ...headers,
    '  return 204;',
    '}',
    ...services.flatMap((service, index) => [
      `location ${index === 0 ? '= /health' : next(index)} {`,
      `  auth_request /gateway-health/${service};`,
      `  auth_request_set ${variableOf(service)} ${headerVariable};`,
      '  recursive_error_pages on;',
      ...errorPages()
        .filter((line) => !/ (403|500) /.test(line))
        .map((line) => `  ${line}`),
      `  error_page 401 403 500 = ${next(index + 1)};`,
      // Whatever the answer was: no such file lies among those of the web app.
      `  root ${webApp};`,
      `  try_files /gateway-health/nothing ${next(index + 1)};`,
      '}',
      ...askLocation(service, secret),
    ]),
    'location @health-refused {',
    '  return 403;',
    '}',
    'location @health-answer {',
    '  default_type application/json;',
    ...headers,
    `  if ($is_well) { return 200 '${answer('ok')}'; }`,
    `  return 503 '${answer('degraded')}';`,
    '}',
  ]
}

const answer = (status: 'ok' | 'degraded') =>
  `{"status":"${status}","parts":{${services.map((service) => `"${service}":$${service}_part`).join(',')}}}`

function askLocation(service: Service, secret: string): string[] {
  return [
    `location = /gateway-health/${service} {`,
    '  internal;',
    `  proxy_pass http://${service}/health;`,
    '  proxy_pass_request_body off;',
    // A location with one such header has none of those around it.
    ...passedHeaders(secret).map((line) => `  ${line}`),
    '  proxy_set_header Content-Length "";',
    '  proxy_read_timeout 5s;',
    '  proxy_intercept_errors on;',
    '  error_page 400 404 408 429 500 502 503 504 = @health-refused;',
    '}',
  ]
}
