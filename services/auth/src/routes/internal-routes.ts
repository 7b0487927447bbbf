import {
  type App,
  ENDED_SESSIONS_PATH,
  EndedSessions,
  LIVE_SESSIONS_PATH,
  LiveSessions,
  LiveSessionsRequest,
  ProvenDevice,
  RESUMED_SESSIONS_PATH,
  ResumeAnswer,
  setApiHeaders,
} from '@sotto/service-runtime'
import { z } from 'zod'
import type { AuthContext } from '../context.ts'
import { listEndedSessions } from '../domain/list-ended-sessions.ts'
import { resumeSession } from '../domain/lost-session.ts'
import * as sessions from '../store/sessions.ts'

const Query = z.strictObject({ since: z.coerce.number().int().nonnegative().optional() })

/** What other services ask, on the listener that the gateway does not reach. */
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
      return { isResumed: await resumeSession(context, body) }
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
}
