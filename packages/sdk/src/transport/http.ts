import { type Endpoint, ErrorAnswer } from '@sotto/wire'
import type { z } from 'zod'
import { ClientError, codeOf } from '../api/errors.ts'
import { checkRequest, type RequestParts } from './check-input.ts'

type In<S> = S extends z.ZodType ? z.input<S> : never

/** The input of a call to `E`: whichever of params, query and body the endpoint has. */
export type CallInput<E extends Endpoint> = {
  [K in 'params' | 'query' | 'body' as E[K] extends z.ZodType ? K : never]: In<E[K]>
}
export type CallAnswer<E extends Endpoint> = z.output<E['response']>

/** Calls one endpoint. Throws only `ClientError`. */
export type Call = <E extends Endpoint>(
  endpoint: E,
  input: CallInput<E>,
  options?: { token?: string },
) => Promise<CallAnswer<E>>

const ANSWER_WITHIN_MS = 15_000

/**
 * Calls without a log-in. Requests that the service would refuse are refused here. Every answer is parsed, because the
 * server isn't trusted to follow the protocol.
 */
export function createCall(origin: string, fetch: typeof globalThis.fetch): Call {
  return async (endpoint, input, options = {}) => {
    checkRequest(endpoint, input)
    const { url, init } = requestOf(origin, endpoint, input)
    if (options.token) init.headers.authorization = `Bearer ${options.token}`
    const { status, body } = await ask(fetch, url, init)
    if (status >= 400) throw refusalOf(status, body)
    const answer = endpoint.response.safeParse(body)
    if (!answer.success) throw new ClientError('untrusted_answer')
    return answer.data as CallAnswer<typeof endpoint>
  }
}

/** The source of access tokens for calls. */
export interface TokenSource {
  /** A token that stays valid for some time. */
  access(): Promise<string>
  /** A token other than `refused`. */
  renew(refused: string): Promise<string>
}

/** Calls as the logged-in account. A refused token is renewed once, and an unproven log-in is proven once. */
export function createAuthorizedCall(
  call: Call,
  tokens: TokenSource,
  proveLogIn: () => Promise<void>,
): Call {
  const callRenewing: Call = async (endpoint, input) => {
    const token = await tokens.access()
    try {
      return await call(endpoint, input, { token })
    } catch (error) {
      if (codeOf(error) !== 'unauthenticated') throw error
      return call(endpoint, input, { token: await tokens.renew(token) })
    }
  }
  return async (endpoint, input) => {
    try {
      return await callRenewing(endpoint, input)
    } catch (error) {
      if (codeOf(error) !== 'device_not_proven') throw error
      await proveLogIn()
      return callRenewing(endpoint, input)
    }
  }
}

function requestOf(origin: string, endpoint: Endpoint, input: RequestParts) {
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(input.params?.[name])),
  )
  const url = new URL(path, origin)
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  const headers: Init['headers'] = { accept: 'application/json' }
  const init = { method: endpoint.method, headers, credentials: 'same-origin', cache: 'no-store' }
  if (input.body === undefined) return { url, init: init as Init }
  headers['content-type'] = 'application/json'
  return { url, init: { ...init, body: JSON.stringify(input.body) } as Init }
}

type Init = RequestInit & { headers: { authorization?: string; [name: string]: string } }

async function ask(fetch: typeof globalThis.fetch, url: URL, init: Init) {
  let response: Response
  let text: string
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    response = await fetch(url, { ...init, signal })
    text = await response.text()
  } catch (cause) {
    throw new ClientError('offline', undefined, { cause })
  }
  return { status: response.status, body: parseJson(text) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusalOf(status: number, body: unknown): ClientError {
  const answer = ErrorAnswer.safeParse(body)
  if (answer.success) return new ClientError(answer.data.code, answer.data.details)
  // A gateway sends its own error page if the service behind it is down.
  return new ClientError(status >= 500 ? 'unavailable' : 'untrusted_answer')
}
