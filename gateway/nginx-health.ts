import { HEALTH_HEADER } from '@sotto/wire'
import { errorPages } from './nginx-errors.ts'
import { addHeaders } from './nginx-headers.ts'
import { passedHeaders } from './nginx-locations.ts'
import type { Service } from './routes.ts'
import { apiHeaders } from './security-headers.ts'

// Note: how the gateway checks the health of all services. `auth_request` asks an instance of one
// service, and a location can contain only one. So `/health` passes through a location for each
// service, whatever the previous one answered, and stores each service's report in a variable. None
// of this is logged as a failure: the subrequest converts an unhealthy state to a plain 403.

const services: readonly Service[] = ['auth', 'chat', 'websocket']

const variableOf = (service: Service) => `$${service}_health`
const headerVariable = `$upstream_http_${HEALTH_HEADER.replaceAll('-', '_')}`

/** The part of `http` that converts the services' reports to an answer. */
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
 * `/health`: 200 if an instance of each service answers and reports that all its dependencies work,
 * otherwise 503 with the unhealthy parts. `/live`: whether NGINX itself runs, for programs that
 * restart it.
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
      // Continues whatever the answer was, because the web app has no such file.
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
    // A location with any such header inherits none from its context.
    ...passedHeaders(secret).map((line) => `  ${line}`),
    '  proxy_set_header Content-Length "";',
    '  proxy_read_timeout 5s;',
    '  proxy_intercept_errors on;',
    '  error_page 400 404 408 429 500 502 503 504 = @health-refused;',
    '}',
  ]
}
