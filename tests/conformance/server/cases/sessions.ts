import { createPublicKey, verify } from 'node:crypto'
import { authRequests } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { RawDevice } from '../../raw/raw-device.ts'
import { refusalOf, request, type ServerUnderTest } from '../../raw/raw-server.ts'
import type { ServerStage } from '../server-stage.ts'

/** Tokens and sessions. */
export const sessions: Subject<ServerStage> = {
  title: 'Sessions',
  cases: [
    {
      name: 'an access token is a JWT for this session, and the published key verifies it',
      section: '§10.4',
      async run({ alice }) {
        const { access_token: token, expires_in: lifetime, session_id: sid } = alice.tokens
        const { keys } = await alice.call(authRequests.jwks, {})
        const [header = '', claims = '', signature = ''] = token.split('.')
        const { typ, alg, kid } = decode(header)
        expect({ typ, alg }).toEqual({ typ: 'at+jwt', alg: 'EdDSA' })
        const jwk = keys.find((one) => one.kid === kid)
        const key = createPublicKey({ key: jwk ?? {}, format: 'jwk' })
        const signed = Buffer.from(`${header}.${claims}`)
        expect(verify(null, signed, key, Buffer.from(signature, 'base64url'))).toBe(true)
        const { accountId: sub, deviceId: did } = alice
        const { exp, iat, ...payload } = decode(claims)
        expect(payload).toMatchObject({ sub, did, sid })
        expect(Number(exp) - Number(iat)).toBe(lifetime)
      },
    },
    {
      name: 'a refresh gives a new token, and can be repeated for ten seconds after a lost answer',
      section: '§10.4',
      async run({ server, carol }) {
        const device = await loggedIn(server, carol.account.phone)
        const refresh_token = device.tokens.refresh_token ?? ''
        const next = await refresh(device, refresh_token)
        expect(next.refresh_token).not.toBe(refresh_token)
        const repeated = await refresh(device, refresh_token)
        expect(repeated.refresh_token).toBe(next.refresh_token)
        const after = await refresh(device, next.refresh_token ?? '')
        expect(after).toMatchObject({ session_id: device.tokens.session_id })
      },
    },
    {
      name: 'without a refresh token there is no session, and an unknown one is refused',
      section: '§10.4',
      async run({ alice }) {
        expect(await alice.call(authRequests.refresh, { body: {} })).toEqual({ session: null })
        const body = { refresh_token: 'A'.repeat(43) }
        expect((await alice.refusal(authRequests.refresh, { body })).code).toBe('refresh_refused')
      },
    },
    {
      name: 'log-out ends this session and no other',
      section: '§10.8',
      async run({ server, carol }) {
        const device = await loggedIn(server, carol.account.phone)
        const { refresh_token = '' } = device.tokens
        await device.call(authRequests.logOut, {})
        const body = { refresh_token }
        expect((await device.refusal(authRequests.refresh, { body })).code).toBe('refresh_refused')
        expect((await device.refusal(authRequests.ownAccount, {})).code).toBe('unauthenticated')
        await carol.call(authRequests.ownAccount, {})
      },
    },
    {
      name: 'sessions are listed, and one is ended from another device',
      section: '§11.1',
      async run({ server, carol }) {
        const device = await loggedIn(server, carol.account.phone)
        const { session_id: sessionId, refresh_token = '' } = device.tokens
        const { sessions } = await carol.call(authRequests.listSessions, {})
        const current = sessions.filter((one) => one.current).map((one) => one.sessionId)
        expect(current).toEqual([carol.tokens.session_id])
        expect(sessions.map((one) => one.sessionId)).toContain(sessionId)
        await carol.call(authRequests.endSession, { params: { sessionId } })
        const body = { refresh_token }
        expect((await device.refusal(authRequests.refresh, { body })).code).toBe('refresh_refused')
        const again = await carol.refusal(authRequests.endSession, { params: { sessionId } })
        expect(again.code).toBe('session_not_found')
      },
    },
    {
      name: 'the session of another account is not found, and continues',
      section: '§11.1',
      async run({ alice, bob }) {
        const params = { sessionId: bob.tokens.session_id }
        const { code } = await alice.refusal(authRequests.endSession, { params })
        expect(code).toBe('session_not_found')
        await bob.call(authRequests.ownAccount, {})
      },
    },
    {
      name: 'an invalid token is refused everywhere',
      section: '§11',
      async run({ server, alice }) {
        const cut = alice.tokens.access_token.slice(0, -4)
        for (const token of [undefined, 'nonsense', `${cut}AAAA`]) {
          for (const path of ['/auth/account', '/users/me']) {
            const exchange = await request(server.origin, 'GET', path, { token })
            expect(refusalOf(path, exchange).code).toBe('unauthenticated')
          }
        }
      },
    },
  ],
}

async function loggedIn(server: ServerUnderTest, phone: string): Promise<RawDevice> {
  const device = await RawDevice.create(server)
  await device.logIn(phone)
  return device
}

async function refresh(device: RawDevice, refresh_token: string) {
  const answer = await device.call(authRequests.refresh, { body: { refresh_token } })
  if ('session' in answer) throw new Error('the answer has no session')
  return answer
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
}
