import {
  authRequests,
  chatRequests,
  type Endpoint,
  type ErrorCode,
  MAX_BODY_BYTES,
} from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { refusalOf, request } from '../../raw/raw-server.ts'
import type { ServerStage } from '../server-stage.ts'

const endpoints: readonly Endpoint[] = [
  ...Object.values(authRequests),
  ...Object.values(chatRequests),
]

/** What holds for every endpoint. */
export const requestsInGeneral: Subject<ServerStage> = {
  title: 'Requests in general',
  cases: [
    {
      name: 'every endpoint for accounts refuses those who are not logged in',
      section: '§11',
      async run({ server }) {
        const codes = await refusals(server.origin, forAccounts(endpoints), {})
        expect(unlike(codes, 'unauthenticated')).toEqual([])
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
      name: 'a refused field is named',
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
  return all.filter(({ access }) => access === 'account')
}

/** How each endpoint refuses the same nonsense. */
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
