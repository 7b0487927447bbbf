import type { Actor, Endpoint } from '@sotto/wire'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { TokenVerifier } from '../auth/access-token.ts'
import { DomainError } from '../errors.ts'
import type { App } from './app.ts'
import { isSameSecret } from './same-secret.ts'
import { setApiHeaders } from './security-headers.ts'

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

/** A parsed request to an endpoint, and its sender. */
export interface Call<E extends Endpoint> {
  readonly params: Parsed<E['params']>
  readonly query: Parsed<E['query']>
  readonly body: Parsed<E['body']>
  /** From the access token; undefined if anyone may call the endpoint. */
  readonly actor: E['access'] extends 'account' | 'log-in' ? Actor : undefined
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/**
 * After this time, a request is answered with `unavailable`, whatever it is waiting for. Longer
 * than a statement may take: it is meant for a database that has stopped responding. It does not
 * apply to whole servers, because it would abort downloads of slow clients.
 */
const ANSWER_WITHIN_MS = 20_000

const verifiers = new WeakMap<object, TokenVerifier>()

/** Sets the verifier for the access tokens of routes that are registered in `app` afterwards. */
export function authenticateWith(app: App, verifier: TokenVerifier) {
  verifiers.set(app, verifier)
}

const operators = new WeakMap<object, string>()

/** Admits callers with `token` to the operator routes that are registered in `app` afterwards. */
export function admitOperator(app: App, token: string) {
  operators.set(app, token)
}

/** The check of a request before its body is read. Returns the actor, if any. */
type Admit = (request: FastifyRequest) => Promise<Actor | undefined>

function admissionOf(app: App, { method, path, access }: Endpoint): Admit {
  if (access === 'anyone') return async () => undefined
  if (access === 'operator') {
    const token = operators.get(app)
    if (token === undefined) throw new Error(`${method} ${path}: call admitOperator first`)
    return async (request) => {
      if (!isSameSecret(bearerToken(request), token)) throw new DomainError('unauthenticated')
      return undefined
    }
  }
  const verifier = verifiers.get(app)
  if (!verifier) throw new Error(`${method} ${path}: call authenticateWith first`)
  // Everything that a log-in alone may not do requires a proven device.
  const verify = access === 'log-in' ? verifier.verifyLogIn : verifier.verify
  return async (request) => (await verify(bearerToken(request))).actor
}

/**
 * Registers an endpoint of `wire`: method, path, request and response schemas, and the check of the
 * access token. A response with a field that is not in the schema is a bug and becomes a 500.
 */
export function route<const E extends Endpoint>(
  app: App,
  endpoint: E,
  handler: (call: Call<E>) => Promise<z.output<E['response']>>,
) {
  const { method, path, params, query, body, response } = endpoint
  const admit = admissionOf(app, endpoint)
  const actors = new WeakMap<FastifyRequest, Actor>()

  app.route({
    method,
    url: path,
    handlerTimeout: ANSWER_WITHIN_MS,
    schema: {
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
      response: { 200: response },
    },
    // Before the body is read, so that strangers cannot make us parse anything.
    onRequest: async (request, reply) => {
      setApiHeaders(reply)
      const actor = await admit(request)
      if (actor) actors.set(request, actor)
    },
    handler: async (request, reply) => {
      const { params, query, body } = request
      const actor = actors.get(request)
      return handler({ params, query, body, actor, request, reply } as Call<E>)
    },
  })
}

function bearerToken(request: FastifyRequest): string {
  const token = /^bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (!token) throw new DomainError('unauthenticated')
  return token
}
