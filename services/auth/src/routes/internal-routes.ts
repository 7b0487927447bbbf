import {
  type App,
  DomainError,
  ENDED_SESSIONS_PATH,
  EndedSessions,
  KEPT_WRAPS_PATH,
  LAST_SEEN_PATH,
  LastSeenAnswer,
  LastSeenRequest,
  LIVE_SESSIONS_PATH,
  LiveSessions,
  LiveSessionsRequest,
  PROVEN_SESSIONS_PATH,
  ProvenDevice,
  ProvenSessions,
  RESUMED_SESSIONS_PATH,
  ResumeAnswer,
  setApiHeaders,
  WrapsAnswer,
  WrapsWrite,
} from '@sotto/service-runtime'
import { z } from 'zod'
import type { AuthContext } from '../context.ts'
import { listEndedSessions } from '../domain/ended-sessions/list-ended-sessions.ts'
import { proveSession } from '../domain/sessions/prove-session.ts'
import { keepWraps } from '../domain/wraps/keep-wraps.ts'
import * as sessions from '../store/sessions.ts'

const Query = z.strictObject({ since: z.coerce.number().int().nonnegative().optional() })

/** The routes for other services, on the listener that the gateway does not reach. */
export function internalRoutes(app: App, context: AuthContext) {
  app.get(
    ENDED_SESSIONS_PATH,
    { schema: { querystring: Query, response: { 200: EndedSessions } } },
    async ({ query }, reply) => {
      setApiHeaders(reply)
      return listEndedSessions(context, query.since)
    },
  )
  app.post(
    RESUMED_SESSIONS_PATH,
    { schema: { body: ProvenDevice, response: { 200: ResumeAnswer } } },
    async ({ body }, reply) => {
      setApiHeaders(reply)
      return { isResumed: await proveSession(context, body) }
    },
  )
  app.post(
    LIVE_SESSIONS_PATH,
    { schema: { body: LiveSessionsRequest, response: { 200: LiveSessions } } },
    async ({ body }, reply) => {
      setApiHeaders(reply)
      return { live: await sessions.areLive(context.sql, body.sessions) }
    },
  )
  app.post(
    PROVEN_SESSIONS_PATH,
    { schema: { body: LiveSessionsRequest, response: { 200: ProvenSessions } } },
    async ({ body }, reply) => {
      setApiHeaders(reply)
      return { proven: await sessions.areProven(context.sql, body.sessions) }
    },
  )
  app.post(
    LAST_SEEN_PATH,
    { schema: { body: LastSeenRequest, response: { 200: LastSeenAnswer } } },
    async ({ body: { accountId, deviceIds } }, reply) => {
      setApiHeaders(reply)
      return { lastSeenAt: await sessions.findLastUsed(context.sql, accountId, deviceIds) }
    },
  )
  app.post(
    KEPT_WRAPS_PATH,
    { schema: { body: WrapsWrite, response: { 200: WrapsAnswer } } },
    async ({ body }, reply) => {
      setApiHeaders(reply)
      return { refusal: await refusalOf(keepWraps(context, body)) }
    },
  )
}

/** The refusal is the answer: the caller passes it on to the client. */
async function refusalOf(work: Promise<void>): Promise<WrapsAnswer['refusal']> {
  try {
    await work
    return null
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    const { code, details } = error
    return { code, ...(details && { details }) }
  }
}
