import {
  type Actor,
  authRequests,
  chatRequests,
  type Endpoint,
  type ErrorCode,
  type ErrorDetails,
} from '@sotto/wire'
import type { z } from 'zod'

type Out<S> = S extends z.ZodType ? z.output<S> : undefined

/** The input of an endpoint's handler. */
export interface Request<E extends Endpoint = Endpoint> {
  readonly params: Out<E['params']>
  readonly query: Out<E['query']>
  readonly body: Out<E['body']>
}

/** An endpoint with its honest answer. */
export interface Route {
  readonly name: string
  readonly endpoint: Endpoint
  answer(request: Request, actor: Actor): unknown
}

const names = new Map<Endpoint, string>(
  Object.entries({ ...authRequests, ...chatRequests }).map(([name, endpoint]) => [endpoint, name]),
)

/** The names of all endpoints. */
export const endpointNames: readonly string[] = [...names.values()]

export function route<E extends Endpoint>(
  endpoint: E,
  answer: (request: Request<E>, actor: Actor) => z.input<E['response']>,
): Route {
  return { name: names.get(endpoint) ?? '', endpoint, answer: answer as Route['answer'] }
}

/** An answer that isn't a success. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails | undefined

  constructor(code: ErrorCode, details?: ErrorDetails) {
    super(code)
    this.code = code
    this.details = details
  }
}

/** Finds routes by method and path, as the gateway and Fastify do. */
export function matcher(routes: readonly Route[]) {
  const patterns = routes.map((one) => {
    const parts = one.endpoint.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')
    return { route: one, pattern: new RegExp(`^${parts}$`) }
  })
  return (method: string, { pathname, searchParams }: URL, body: unknown) => {
    for (const { route: one, pattern } of patterns) {
      const found = one.endpoint.method === method && pattern.exec(pathname)
      if (!found) continue
      const request = {
        params: parse(one.endpoint.params, { ...found.groups }),
        query: parse(one.endpoint.query, Object.fromEntries(searchParams)),
        body: parse(one.endpoint.body, body),
      }
      return { route: one, request: request as Request }
    }
    throw new Refusal('not_found')
  }
}

function parse(schema: unknown, value: unknown): unknown {
  if (schema === undefined) return undefined
  const parsed = (schema as z.ZodType).safeParse(value)
  if (!parsed.success) throw new Refusal('invalid_request')
  return parsed.data
}
