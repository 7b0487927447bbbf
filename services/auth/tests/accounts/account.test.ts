import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthUnderTest, logInByPhone, newDevice, startAuth } from '../auth-under-test.ts'

let auth: AuthUnderTest
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const sessionsOf = (token: string) => auth.call('GET', '/auth/sessions', { token })

describe('sessions', () => {
  test('are listed newest first, with the current one marked', async () => {
    const first = await logInByPhone(auth, '+4915112360001')
    auth.clock.now += 1000
    const second = await logInByPhone(auth, '+4915112360001')
    const { body } = await sessionsOf(first.access_token)

    expect(body.sessions).toEqual([
      {
        sessionId: second.session_id,
        deviceId: second.device_id,
        startedAt: auth.clock.now,
        lastUsedAt: auth.clock.now,
        current: false,
        proven: true,
      },
      expect.objectContaining({ sessionId: first.session_id, current: true }),
    ])
  })

  test('end immediately and permanently', async () => {
    const kept = await logInByPhone(auth, '+4915112360002')
    const ended = await logInByPhone(auth, '+4915112360002')
    const url = `/auth/sessions/${ended.session_id}`
    expect(await auth.call('DELETE', url, { token: kept.access_token })).toMatchObject({
      status: 200,
      body: {},
    })

    expect((await sessionsOf(ended.access_token)).status).toBe(401)
    const refresh = { body: { refresh_token: ended.refresh_token } }
    expect((await auth.call('POST', '/auth/refresh', refresh)).status).toBe(401)
    await expect.poll(() => auth.endedSessions).toContain(ended.session_id)
    expect((await auth.call('DELETE', url, { token: kept.access_token })).body).toEqual({
      code: 'session_not_found',
    })
    expect(await auth.sql`select * from auth.event_outbox`).toEqual([])
  })

  test('of other accounts cannot be ended', async () => {
    const mine = await logInByPhone(auth, '+4915112360003')
    const other = await logInByPhone(auth, '+4915112360004')
    const url = `/auth/sessions/${other.session_id}`

    expect((await auth.call('DELETE', url, { token: mine.access_token })).body).toEqual({
      code: 'session_not_found',
    })
    expect((await sessionsOf(other.access_token)).status).toBe(200)
  })

  test('are one per device: a new log-in replaces the previous session', async () => {
    const device = newDevice()
    const former = await logInByPhone(auth, '+4915112360005', device)
    const current = await logInByPhone(auth, '+4915112360005', device)

    expect((await sessionsOf(former.access_token)).status).toBe(401)
    expect((await sessionsOf(current.access_token)).body.sessions).toHaveLength(1)
  })

  test('end with a log-out', async () => {
    const { access_token, session_id } = await logInByPhone(auth, '+4915112360006')

    expect((await auth.call('POST', '/auth/logout', { token: access_token })).body).toEqual({})
    expect((await auth.call('POST', '/auth/logout', { token: access_token })).status).toBe(401)
    await expect.poll(() => auth.endedSessions).toContain(session_id)
  })
})

describe('an account', () => {
  test('is visible only to its owner', async () => {
    const { access_token, account_id } = await logInByPhone(auth, '+4915112360010')

    const { body } = await auth.call('GET', '/auth/account', { token: access_token })
    expect(body).toEqual({
      accountId: account_id,
      phone: '+4915112360010',
      email: null,
      findable: false,
    })
    expect((await auth.call('GET', '/auth/account')).body).toEqual({ code: 'unauthenticated' })
  })

  test('is found by its exact number, and only while it is findable', async () => {
    const found = await logInByPhone(auth, '+4915112360011')
    const seeker = await logInByPhone(auth, '+4915112360012')
    const lookUp = (body: unknown) =>
      auth.call('POST', '/auth/lookup', { token: seeker.access_token, body })
    const setFindable = (findable: boolean) =>
      auth.call('PUT', '/auth/account/findable', {
        token: found.access_token,
        body: { findable },
      })
    expect((await lookUp({ phone: '0151 12360011' })).body).toEqual({ code: 'account_not_found' })

    await setFindable(true)
    expect((await lookUp({ phone: '0151 12360011' })).body).toEqual({ accountId: found.account_id })
    expect((await lookUp({ phone: '+4915112369999' })).body).toEqual({ code: 'account_not_found' })
    expect((await lookUp({ email: 'nobody@chat.test' })).body).toEqual({
      code: 'account_not_found',
    })
    expect((await lookUp({ phone: '1234', email: 'a@b.test' })).body.code).toBe('invalid_request')

    await setFindable(false)
    expect((await lookUp({ phone: '+4915112360011' })).body).toEqual({ code: 'account_not_found' })
  })
})

test('the access token names account, device and session, for 15 minutes', async () => {
  const answer = await logInByPhone(auth, '+4915112360030')
  const [header, claims] = answer.access_token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  const jwks = await auth.call('GET', '/.well-known/jwks.json')

  expect(header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: jwks.body.keys[0].kid })
  expect(claims).toEqual({
    iss: auth.config.issuer,
    aud: auth.config.audience,
    sub: answer.account_id,
    sid: answer.session_id,
    did: answer.device_id,
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    iat: Math.floor(auth.clock.now / 1000),
    exp: Math.floor(auth.clock.now / 1000) + 900,
  })
  expect(Object.keys(jwks.body.keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
})

test('an expired access token is rejected', async () => {
  const { access_token } = await logInByPhone(auth, '+4915112360031')
  expect((await sessionsOf(access_token)).status).toBe(200)
  auth.clock.now += 931_000

  expect((await sessionsOf(access_token)).status).toBe(401)
})

test('an invalid session id is rejected', async () => {
  const { access_token: token } = await logInByPhone(auth, '+4915112360032')
  const end = (id: string) => auth.call('DELETE', `/auth/sessions/${id}`, { token })

  expect((await end(randomUUID())).status).toBe(404)
  expect((await end('1%20or%201=1')).status).toBe(400)
  expect((await end('%00')).status).toBe(400)
})
