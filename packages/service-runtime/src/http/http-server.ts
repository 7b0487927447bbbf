import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { MAX_BODY_BYTES } from '@sotto/wire'
import Fastify, { type FastifyBaseLogger, type FastifyRequest, LogController } from 'fastify'
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { DomainError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { App } from './app.ts'
import { answerError } from './error-answers.ts'
import type { Proxies } from './proxies.ts'
import { hasUnstorableText } from './strict-text.ts'
import { isBeforeTls, tlsOptions } from './tls.ts'

/**
 * An HTTP server that answers every failure with an `ErrorAnswer`, accepts only strict JSON, and
 * logs requests without query strings and bodies.
 *
 * `proxies`: the proxies whose `X-Forwarded-*` headers are trusted; none by default. `tls`: a
 * certificate chain and its key in PEM; `useCertificate` replaces them.
 */
export function createApp(options: {
  log: Logger
  proxies?: Proxies
  metrics?: Metrics
  tls?: string
}): App {
  const { proxies, tls } = options
  const patience = { headersTimeout: 8_000, connectionsCheckingInterval: 2_000 }
  const app = Fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    trustProxy: proxies ? proxies.isTrusted : false,
    bodyLimit: MAX_BODY_BYTES,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    genReqId(request) {
      // Runs before anything else sees the request.
      proxies?.check(request)
      return (proxies && idOfGateway(request)) ?? randomUUID()
    },
    requestIdHeader: false,
    // Disconnects a client that sends its request too slowly.
    requestTimeout: 20_000,
    // Fastify has a different type for a server with TLS. For our use, they are the same.
    ...((tls === undefined
      ? { http: patience }
      : { https: { ...patience, ...tlsOptions(tls) } }) as { http: typeof patience }),
    frameworkErrors: answerError,
    clientErrorHandler: refuseMalformedHttp,
  }).withTypeProvider<ZodTypeProvider>()

  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) =>
    answerError(new DomainError('not_found'), request, reply),
  )
  parseStrictJson(app)
  logAnswers(app)
  if (options.metrics) measureAnswers(app, options.metrics)
  closeAfterLastAnswers(app)
  return app
}

/** The request id that the gateway assigned, so that its log and ours can be correlated. */
function idOfGateway({ headers }: { headers: IncomingHttpHeaders }): string | undefined {
  const id = headers['x-request-id']
  return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) ? id : undefined
}

function parseStrictJson(app: App) {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    parse(request, decodeUtf8(body as Buffer), done)
  })
  app.addHook('preValidation', async ({ body, query, params }: FastifyRequest) => {
    if (hasUnstorableText([body, query, params])) throw new DomainError('invalid_request')
  })
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new DomainError('invalid_request', undefined, { cause })
  }
}

function logAnswers(app: App) {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request
    const path = routeOptions.url ?? '(no route)'
    const ms = Math.round(reply.elapsedTime * 10) / 10
    // Monitoring asks every few seconds.
    const level = path === '/health' ? 'debug' : 'info'
    request.log[level]({ method, path, status: reply.statusCode, ms }, 'answered')
  })
}

/**
 * Labels answers with the route's template, never with the path, which contains ids and can be
 * invented.
 */
function measureAnswers(app: App, metrics: Metrics) {
  app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    const route = routeOptions.url ?? 'none'
    const { statusCode: status, elapsedTime } = reply
    // Without a route, the method may be invented too.
    const request = { method: route === 'none' ? 'any' : method, route, status }
    metrics.answered(request, elapsedTime / 1000)
  })
}

const LOOK_FOR_IDLE_MS = 50

/**
 * A connection whose request is being answered when closing begins would be kept alive, and the
 * server would wait until its client disconnects.
 */
function closeAfterLastAnswers(app: App) {
  app.addHook('preClose', async () => {
    const timer = setInterval(() => app.server.closeIdleConnections(), LOOK_FOR_IDLE_MS)
    app.server.once('close', () => clearInterval(timer))
  })
}

const MALFORMED = '{"code":"invalid_request"}'

/** Answers input that is not HTTP. There is no request yet, so this writes to the socket itself. */
function refuseMalformedHttp(_: Error, socket: Socket) {
  if (!socket.writable || isBeforeTls(socket)) return void socket.destroy()
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${MALFORMED.length}\r\nConnection: close\r\n\r\n${MALFORMED}`,
  )
}
