import { type ErrorCode, httpStatus } from '@sotto/wire'
import { addHeaders } from './nginx-headers.ts'
import { apiHeaders } from './security-headers.ts'

/** NGINX's own answers if it cannot pass a request on, in the format of the services. */
const answers: readonly { readonly code: ErrorCode; readonly statuses: readonly number[] }[] = [
  // 494 to 497 are NGINX's own: a header that is too large, certificate errors, plain HTTP on a TLS
  // port.
  {
    code: 'invalid_request',
    statuses: [400, 405, 408, 411, 414, 415, 416, 421, 494, 495, 496, 497],
  },
  { code: 'forbidden', statuses: [403] },
  { code: 'not_found', statuses: [404] },
  { code: 'too_large', statuses: [413] },
  { code: 'rate_limited', statuses: [429] },
  { code: 'internal', statuses: [500, 501, 505] },
  { code: 'unavailable', statuses: [502, 503, 504] },
]

const isWorthRetrying = (code: ErrorCode) => code === 'rate_limited' || code === 'unavailable'
const locationOf = (code: ErrorCode) => `/gateway-answer/${code}`

/** Maps statuses to answers. Answers of the services pass unchanged. */
export function errorPages(): string[] {
  return answers.map(
    ({ code, statuses }) =>
      `error_page ${statuses.join(' ')} =${httpStatus[code]} ${locationOf(code)};`,
  )
}

/** The answers themselves, unreachable for external requests. */
export function errorLocations(isStrict: boolean): string[] {
  return answers.flatMap(({ code }) => [
    `location = ${locationOf(code)} {`,
    '  internal;',
    // Otherwise, a body that was too large would be rejected here again.
    '  client_max_body_size 0;',
    ...answer(
      httpStatus[code],
      { code },
      isStrict,
      isWorthRetrying(code) ? { 'retry-after': '1' } : {},
    ),
    '}',
  ])
}

function answer(
  status: number,
  body: object,
  isStrict: boolean,
  more: Readonly<Record<string, string>>,
): string[] {
  return [
    '  default_type application/json;',
    ...addHeaders({ ...apiHeaders, ...more }, isStrict).map((line) => `  ${line}`),
    `  return ${status} '${JSON.stringify(body)}';`,
  ]
}
