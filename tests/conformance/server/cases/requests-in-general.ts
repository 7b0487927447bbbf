import { signDeviceProof } from '@sotto/crypto'
import {
  authRequests,
  chatRequests,
  type Endpoint,
  type ErrorCode,
  logInChallenge,
  MAX_BODY_BYTES,
  type SessionId,
} from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { RawDevice } from '../../raw/raw-device.ts'
import { refusalOf, request } from '../../raw/raw-server.ts'
import type { ServerStage } from '../server-stage.ts'

const endpoints: readonly Endpoint[] = [
  ...Object.values(authRequests),
  ...Object.values(chatRequests),
]

/** Rules that apply to every endpoint. */
export const requestsInGeneral: Subject<ServerStage> = {
  title: 'Requests in general',
  cases: [
    {
      name: 'every endpoint for accounts refuses callers who are not logged in',
      section: '§11',
      async run({ server }) {
        const codes = await refusals(server.origin, forAccounts(endpoints), {})
        expect(unlike(codes, 'unauthenticated')).toEqual([])
      },
    },
    {
      name: 'a log-in whose device has not proven itself may use only a short list of endpoints',
      section: '§10.16',
      async run({ server, alice }) {
        const device = await RawDevice.create(server)
        const { access_token: token } = await device.logIn(alice.account.phone)
        const closed = endpoints.filter(({ access }) => access === 'account')
        expect(closed.length).toBeGreaterThan(0)
        const codes = await refusals(server.origin, closed, { token })
        expect(unlike(codes, 'device_not_proven')).toEqual([])
        const { account } = await device.call(chatRequests.ownUser, {})
        expect(account?.accountId).toBe(alice.accountId)

        device.account = alice.account
        await device.proveLogIn()
        await device.call(chatRequests.listConversations, { query: {} })
        await device.call(authRequests.logOut, {})
      },
    },
    {
      name: 'a log-in is proven by its own device, with a signature for this session',
      section: '§10.16',
      async run({ server, alice }) {
        const device = await RawDevice.create(server)
        const { access_token: token } = await device.logIn(alice.account.phone)
        // The credential and signature of an enrolled device, for its own session.
        const { deviceId, key, account, tokens } = alice
        const issuedAt = Date.now()
        const credential = await account.credential({ deviceId, publicKey: key.publicKey })
        const claims = { account: alice.accountId, device: deviceId, issuedAt }
        const signed = (session: SessionId) =>
          signDeviceProof(key, { ...claims, challenge: logInChallenge(session) })
        const params = { deviceId }
        const own = { credential, proof: await signed(tokens.session_id) }
        await alice.call(chatRequests.proveDevice, { params, body: own })
        const other = { credential, proof: await signed(device.tokens.session_id) }
        const refused = await alice.refusal(chatRequests.proveDevice, { params, body: other })
        expect(refused.code).toBe('refresh_refused')
        const exchange = await request(server.origin, 'GET', '/conversations', { token })
        expect(refusalOf('GET /conversations', exchange).code).toBe('device_not_proven')
        await device.call(authRequests.logOut, {})
      },
    },
    {
      name: 'every body is a strict object',
      section: '§11',
      async run({ server, alice }) {
        const withBody = endpoints.filter(({ body }) => body !== undefined)
        const token = alice.tokens.access_token
        for (const body of ['{"unknown":1}', '[]', '"text"', '{', '{"a":1,"a":']) {
          const codes = await refusals(server.origin, withBody, { token, body })
          expect(unlike(codes, 'invalid_request'), body).toEqual([])
        }
      },
    },
    {
      name: 'an invalid field is named',
      section: '§16',
      async run({ alice }) {
        const body = { findable: 'perhaps' } as never
        expect(await alice.refusal(authRequests.setFindable, { body })).toEqual({
          code: 'invalid_request',
          details: { field: 'body/findable' },
        })
      },
    },
    {
      name: 'ids in a path are UUIDs in lower case',
      section: '§1',
      async run({ server, alice }) {
        const token = alice.tokens.access_token
        const withIds = endpoints.filter(({ path }) => /:\w+Id/.test(path))
        for (const id of ['nobody', alice.accountId.toUpperCase(), `${alice.accountId}0`]) {
          const body = '{}'
          const codes = await refusals(server.origin, withIds, { token, id, body })
          expect(unlike(codes, 'invalid_request'), id).toEqual([])
        }
      },
    },
    {
      name: 'a body beyond the maximum is too large',
      section: '§17',
      async run({ server, alice }) {
        const body = JSON.stringify({ padding: 'x'.repeat(MAX_BODY_BYTES) })
        const token = alice.tokens.access_token
        const exchange = await request(server.origin, 'PUT', '/boxes/keys', { token, body })
        expect(refusalOf('PUT /boxes/keys', exchange).code).toBe('too_large')
      },
    },
    {
      name: 'an endpoint that does not exist is not found',
      section: '§16',
      async run({ server, alice }) {
        const token = alice.tokens.access_token
        for (const [method, path] of [
          ['DELETE', `/devices/${alice.deviceId}`],
          ['PATCH', '/users/me'],
          ['GET', '/auth/nothing'],
        ] as const) {
          const exchange = await request(server.origin, method, path, { token })
          expect(refusalOf(`${method} ${path}`, exchange).code).toBe('not_found')
        }
      },
    },
  ],
}

function forAccounts(all: readonly Endpoint[]): readonly Endpoint[] {
  return all.filter(({ access }) => access === 'account' || access === 'log-in')
}

/** How each endpoint refuses the same invalid request. */
async function refusals(
  origin: string,
  of: readonly Endpoint[],
  { token, body, id = crypto.randomUUID() }: { token?: string; body?: string; id?: string },
): Promise<{ name: string; code: ErrorCode }[]> {
  return Promise.all(
    of.map(async (endpoint) => {
      const { method } = endpoint
      const path = endpoint.path
        .replace(':box', 'keys')
        .replace(':kind', 'password')
        .replace(':seq', '1')
        .replace(/:\w+Id/, id)
      const name = `${method} ${endpoint.path}`
      const sent = endpoint.body && body === undefined ? '{}' : body
      const options = { token, ...(endpoint.body ? { body: sent } : {}) }
      return { name, code: refusalOf(name, await request(origin, method, path, options)).code }
    }),
  )
}

function unlike(codes: readonly { name: string; code: ErrorCode }[], expected: ErrorCode) {
  return codes.filter(({ code }) => code !== expected)
}
