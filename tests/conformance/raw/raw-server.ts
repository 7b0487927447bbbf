import {
  type Endpoint,
  ErrorAnswer,
  type ErrorCode,
  type ErrorDetails,
  httpStatus,
} from '@sotto/wire'
import type { z } from 'zod'

/** A server under test: its origin, and how to create accounts there. */
export interface ServerUnderTest {
  readonly origin: string
  /** A phone number without an account. */
  newPhone(): string
  /** The next one-time code sent to a number or an address. */
  codeFor(address: string): Promise<string>
}

type In<S> = S extends z.ZodType ? z.input<S> : never

/** The input of a call to `E`: whichever of params, query and body the endpoint has. */
export type CallInput<E extends Endpoint> = {
  [K in 'params' | 'query' | 'body' as E[K] extends z.ZodType ? K : never]: In<E[K]>
}
export type CallAnswer<E extends Endpoint> = z.output<E['response']>

/** An answer that isn't a success. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: ErrorCode
  readonly details: ErrorDetails | undefined

  constructor(request: string, { code, details }: ErrorAnswer) {
    super(`${request} was refused: ${code} ${JSON.stringify(details ?? {})}`)
    this.code = code
    this.details = details
  }
}

/** A request as it was sent, and its answer as it arrived. */
export interface RawExchange {
  readonly method: string
  readonly path: string
  readonly token: string | undefined
  readonly body: unknown
  readonly status: number
  readonly answer: unknown
}

export interface CallOptions {
  readonly token?: string | undefined
  /** Called with all traffic. */
  readonly onExchange?: ((exchange: RawExchange) => void) | undefined
}

/**
 * Calls one endpoint and checks the answer against its schema: a success must have exactly the schema's fields, a
 * failure a code from the closed list and that code's status. Throws `Refused`.
 */
export async function call<E extends Endpoint>(
  origin: string,
  endpoint: E,
  input: CallInput<E>,
  options: CallOptions = {},
): Promise<CallAnswer<E>> {
  const { params, query, body } = input as Parts
  const path = pathOf(endpoint.path, params, query)
  const raw = await request(origin, endpoint.method, path, { body, ...options })
  const name = `${endpoint.method} ${endpoint.path}`
  if (raw.status !== 200) throw refusalOf(name, raw)
  const answer = endpoint.response.safeParse(raw.answer)
  if (!answer.success) {
    throw new Error(`${name}: the answer does not fit the schema: ${answer.error.message}`)
  }
  return answer.data as CallAnswer<E>
}

interface Parts {
  readonly params?: Record<string, unknown>
  readonly query?: Record<string, unknown>
  readonly body?: unknown
}

/** Sends anything. `body` is serialized as JSON; a string is sent unchanged. */
export async function request(
  origin: string,
  method: string,
  path: string,
  { body, token, onExchange }: CallOptions & { readonly body?: unknown },
): Promise<RawExchange> {
  const headers: Record<string, string> = {}
  if (token !== undefined) headers.authorization = `Bearer ${token}`
  if (body !== undefined) headers['content-type'] = 'application/json'
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const init = { method, headers, ...(body === undefined ? {} : { body: text }) }
  const response = await fetch(new URL(path, origin), init)
  const answer = parseJson(await response.text())
  const exchange = { method, path, token, body, status: response.status, answer }
  onExchange?.(exchange)
  return exchange
}

/** The refusal in an answer. Throws if the answer isn't a refusal. */
export function refusalOf(name: string, { status, answer }: RawExchange): Refused {
  const parsed = ErrorAnswer.safeParse(answer)
  if (!parsed.success) {
    throw new Error(`${name}: ${status} with ${JSON.stringify(answer)?.slice(0, 300)}`)
  }
  const expected = httpStatus[parsed.data.code]
  if (status !== expected) {
    throw new Error(`${name}: ${parsed.data.code} has status ${status} instead of ${expected}`)
  }
  return new Refused(name, parsed.data)
}

function pathOf(
  template: string,
  params: Record<string, unknown> = {},
  query: Record<string, unknown> = {},
): string {
  const path = template.replace(/:(\w+)/g, (_, name) => encodeURIComponent(String(params[name])))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value))
  }
  return search.size > 0 ? `${path}?${search}` : path
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
