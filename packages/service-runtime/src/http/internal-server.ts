import { z } from 'zod'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { App } from './app.ts'
import { type HealthChecks, healthRoute } from './health.ts'
import { createApp } from './http-server.ts'
import type { Readiness } from './readiness.ts'
import { setApiHeaders } from './security-headers.ts'

/** The answer of `GET /ready`, with status 200 or 503. */
const ReadyAnswer = z.strictObject({ isReady: z.boolean() })

/**
 * The listener for the operator and for other services, which the gateway must not reach: `GET
 * /metrics`, `GET /ready`, `GET /health`, and the routes that a service adds.
 */
export function createInternalServer(options: {
  log: Logger
  metrics: Metrics
  readiness: Readiness
  checks: HealthChecks
}): App {
  const { log, metrics, readiness, checks } = options
  // Scrapes every few seconds are not worth a log line each.
  const app = createApp({ log: log.child({}, { level: 'warn' }) })
  healthRoute(app, checks)
  app.get(
    '/ready',
    { schema: { response: { 200: ReadyAnswer, 503: ReadyAnswer } } },
    async (_, reply) => {
      const { isReady } = readiness
      setApiHeaders(reply)
      return reply.code(isReady ? 200 : 503).send({ isReady })
    },
  )
  app.get('/metrics', async (_, reply) => {
    setApiHeaders(reply)
    return reply.type(metrics.contentType).send(await metrics.read())
  })
  return app
}
