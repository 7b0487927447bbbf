import {
  AccountId,
  type Actor,
  authRequests,
  ChallengeId,
  type LoginDevice,
  SessionId,
  type TokenAnswer,
} from '@sotto/wire'
import type { HonestServer } from './honest-server.ts'
import { Refusal, type Route, route } from './routes.ts'
import type { SessionState } from './server-state.ts'

const ACCESS_SECONDS = 900
const REFRESH_SECONDS = 90 * 24 * 3600
const CODE = '123456'

/** The answers of the auth service. Every code is right. */
export function authRoutes(server: HonestServer): Route[] {
  const challenges = new Map<string, string>()
  const own = ({ accountId }: Actor) => server.account(accountId)
  return [
    route(authRequests.startPhone, ({ body }) => {
      const challengeId = ChallengeId.parse(crypto.randomUUID())
      challenges.set(challengeId, body.phone)
      return { challengeId, expiresIn: 600 }
    }),
    route(authRequests.verifyPhone, ({ body }) => {
      const phone = challenges.get(body.challengeId)
      if (phone === undefined || body.code !== CODE) throw new Refusal('wrong_code')
      return logIn(server, phone, body.device)
    }),
    route(authRequests.refresh, ({ body }) => {
      const session = server.sessionOf(body.refresh_token ?? '', 'refresh')
      if (!session) throw new Refusal('refresh_refused')
      return tokensFor(server, session, false)
    }),
    route(authRequests.logOut, (_, { sessionId }) => {
      server.endSession(sessionId)
      return {}
    }),
    route(authRequests.listSessions, (_, { accountId, sessionId: current }) => {
      const sessions = server.sessionsOf(accountId).map((session) => {
        const { sessionId, deviceId, startedAt, isProven: proven } = session
        const isCurrent = sessionId === current
        const times = { startedAt, lastUsedAt: startedAt }
        return { sessionId, deviceId, ...times, current: isCurrent, proven }
      })
      return { sessions }
    }),
    route(authRequests.endSession, ({ params }) => {
      server.endSession(params.sessionId)
      return {}
    }),
    route(authRequests.ownAccount, (_, actor) => {
      const { accountId, phone, findable } = own(actor)
      return { accountId, phone, email: null, findable }
    }),
    route(authRequests.setFindable, ({ body }, actor) => {
      own(actor).findable = body.findable
      return {}
    }),
    route(authRequests.lookUp, ({ body }) => {
      const phone = 'phone' in body ? body.phone : ''
      const found = [...server.state.accounts.values()].find((account) => account.phone === phone)
      if (!found) throw new Refusal('account_not_found')
      return { accountId: found.accountId }
    }),
    route(authRequests.listWraps, (_, actor) => {
      const { wraps, wrapsVersion: version } = own(actor)
      return { version, wraps }
    }),
  ]
}

function logIn(server: HonestServer, phone: string, device: LoginDevice): TokenAnswer {
  const known = [...server.state.accounts.values()].find((account) => account.phone === phone)
  const accountId = known?.accountId ?? AccountId.parse(crypto.randomUUID())
  if (!known) server.addAccount(accountId, phone)
  const { deviceId } = device
  for (const session of server.sessionsOf(accountId)) {
    const isReplaced = session.deviceId === deviceId && !session.isProven
    if (isReplaced) server.endSession(session.sessionId)
  }
  const sessionId = SessionId.parse(crypto.randomUUID())
  const session = { sessionId, accountId, deviceId, startedAt: server.now(), isProven: false }
  return tokensFor(server, server.addSession({ ...session, isEnded: false }), !known)
}

function tokensFor(server: HonestServer, session: SessionState, created: boolean): TokenAnswer {
  const { accountId, sessionId, deviceId } = session
  return {
    access_token: server.issue(session, 'access', ACCESS_SECONDS),
    token_type: 'Bearer',
    expires_in: ACCESS_SECONDS,
    refresh_token: server.issue(session, 'refresh', REFRESH_SECONDS),
    refresh_expires_in: REFRESH_SECONDS,
    account_id: accountId,
    session_id: sessionId,
    device_id: deviceId,
    created,
  }
}
