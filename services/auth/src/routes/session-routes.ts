import { type App, route } from '@sotto/service-runtime'
import { authRequests } from '@sotto/wire'
import type { FastifyRequest } from 'fastify'
import type { AuthContext } from '../context.ts'
import { endSession } from '../domain/ended-sessions/end-sessions.ts'
import { type PresentedToken, refresh } from '../domain/sessions/refresh.ts'
import * as sessions from '../store/sessions.ts'
import { answerTokens } from './answer-tokens.ts'
import { clearRefreshCookie, refreshCookieOf } from './refresh-cookie.ts'
import { clearShardCookie } from './shard-cookie.ts'

/** Refreshing, listing and ending sessions. */
export function sessionRoutes(app: App, context: AuthContext, allowedOrigins: readonly string[]) {
  route(app, authRequests.refresh, async ({ body, request, reply }) => {
    const presented = presentedToken(request, body.refresh_token, allowedOrigins)
    if (!presented) return { session: null }
    return answerTokens(context, reply, await refresh(context, request.ip, presented))
  })
  route(app, authRequests.logOut, async ({ actor, request, reply }) => {
    const cookie = refreshCookieOf(request, allowedOrigins)
    await endSession(context, actor, actor.sessionId)
    if (cookie !== undefined) {
      clearRefreshCookie(reply)
      clearShardCookie(reply)
    }
    return {}
  })
  route(app, authRequests.listSessions, async ({ actor }) => {
    const live = await sessions.listLive(context.sql, actor.accountId)
    const marked = live.map((entry) => ({
      ...entry,
      current: entry.sessionId === actor.sessionId,
    }))
    return { sessions: marked }
  })
  route(app, authRequests.endSession, async ({ actor, params }) => {
    await endSession(context, actor, params.sessionId)
    return {}
  })
}

function presentedToken(
  request: FastifyRequest,
  inBody: string | undefined,
  allowedOrigins: readonly string[],
): PresentedToken | undefined {
  if (inBody !== undefined) return { token: inBody, from: 'body' }
  const token = refreshCookieOf(request, allowedOrigins)
  return token === undefined ? undefined : { token, from: 'cookie' }
}
