import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import {
  type App,
  type Broker,
  createApp,
  createInProcessBroker,
  createLogger,
  registerForOperator,
} from '@sotto/service-runtime'
import { AccountId } from '@sotto/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../../tests/network/eventually.ts'
import { createCodeSender } from '../src/index.ts'
import {
  type AuthUnderTest,
  logInByPhone,
  newDevice,
  startAuth,
  startAuthOn,
} from './auth-under-test.ts'

const token = 'b7Kx2mQz90Vr-0p3r4t0r-of-the-tests'
const phone = '+4915112345678'
const log = createLogger({ name: 'test', level: 'silent' })
let broker: Broker
let auth: AuthUnderTest
let internal: App
/** Makes sending reject with this error. */
let failure: Error | undefined

async function start(overrides: Parameters<typeof startAuth>[0] = {}) {
  broker = createInProcessBroker({ log })
  auth = await startAuth(overrides, {
    broker,
    sendCode: async () => {
      if (failure) throw failure
    },
  })
  internal = createApp({ log })
  await registerForOperator(internal, token, auth.service.operatorPlugin)
}
beforeEach(() => {
  failure = undefined
  return start()
})
afterEach(async () => {
  await internal.close()
  await auth[Symbol.asyncDispose]()
})

async function operate(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
  const answer = await internal.inject({
    method,
    url: `/operator/auth/${path}`,
    headers: { authorization: `Bearer ${token}` },
    ...(body && { payload: body }),
  })
  return { status: answer.statusCode, body: answer.json() }
}

const refresh = async (refreshToken: string | undefined) =>
  (await auth.call('POST', '/auth/refresh', { body: { refresh_token: refreshToken } })).body

describe('a suspended account', () => {
  test('loses its sessions immediately, and its owner learns why', async () => {
    const {
      account_id: id,
      access_token: access,
      refresh_token: own,
    } = await logInByPhone(auth, phone)
    expect(await operate('PUT', `accounts/${id}/suspension`)).toMatchObject({ body: { ended: 1 } })

    expect((await auth.call('GET', '/auth/account', { token: access })).status).toBe(401)
    expect(await refresh(own)).toEqual({
      code: 'refresh_refused',
      details: { reason: 'account_suspended' },
    })
    // No one else learns it by asking.
    expect(await refresh('A'.repeat(43))).toEqual({ code: 'refresh_refused' })
    const start = await auth.call('POST', '/auth/phone/start', { body: { phone } })
    expect(start.status).toBe(200)
    const { challengeId } = start.body
    const device = newDevice()
    const wrong = await auth.call('POST', '/auth/phone/verify', {
      body: { challengeId, code: '000000', device },
    })
    expect(wrong.body.code).toBe('wrong_code')
    const code = await auth.codeFor(phone)
    const right = await auth.call('POST', '/auth/phone/verify', {
      body: { challengeId, code, device },
    })
    expect([right.status, right.body.code]).toEqual([403, 'account_suspended'])
    await operate('DELETE', `accounts/${id}/suspension`)
    await logInByPhone(auth, phone)
    expect(await refresh(own)).toEqual({ code: 'refresh_refused' })
  })

  test('gets no session from a concurrent log-in', async () => {
    const { account_id: id } = await logInByPhone(auth, phone)
    const logIns = Array.from({ length: 6 }, (_, n) =>
      logInByPhone(auth, phone, newDevice(), `203.0.113.${n}`).catch(() => undefined),
    )
    await operate('PUT', `accounts/${id}/suspension`)
    await Promise.all(logIns)
    const live = await auth.sql`
      select from auth.sessions where account_id = ${id} and ended_at is null`
    expect(live).toHaveLength(0)
  })
})

describe('a removal', () => {
  const rowsOf = async (id: string) => {
    const [row] = await auth.sql<{ count: number }[]>`
      select count(*)::int from auth.accounts where id = ${id}`
    return row?.count
  }

  test('ends when chat has done its part, and cannot be canceled before', async () => {
    const { account_id: id, refresh_token: own } = await logInByPhone(auth, phone)
    await operate('PUT', `accounts/${id}/removal`)
    await operate('PUT', `accounts/${id}/removal`)
    expect((await operate('GET', `accounts/${id}`)).body.removalAskedAt).toBeGreaterThan(0)
    expect(await operate('DELETE', `accounts/${id}/suspension`)).toMatchObject({ status: 403 })
    expect(await refresh(own)).toMatchObject({ details: { reason: 'account_gone' } })
    expect(await rowsOf(id)).toBe(1)

    await broker.sendJob({ type: 'account.forget', accountId: AccountId.parse(id) })
    await eventually('the end', async () => (await rowsOf(id)) === 0)
    expect(await refresh(own)).toMatchObject({ details: { reason: 'account_gone' } })
    const next = await logInByPhone(auth, phone)
    expect(next).toMatchObject({ created: true })
    expect(next.account_id).not.toBe(id)
  })

  test('is requested again at the next start until chat has done its part', async () => {
    const { account_id: id } = await logInByPhone(auth, phone)
    await operate('PUT', `accounts/${id}/removal`)
    const again: string[] = []
    await broker.consumeJobs('account.remove', async ({ accountId }) => void again.push(accountId))
    await eventually('the first job', () => again.length === 1)
    await using other = await startAuthOn(auth.sql, auth.config, undefined, {
      broker: another(broker),
    })
    await eventually('a further job', () => again.length > 1)
    expect(new Set(again)).toEqual(new Set([id]))
    expect(other.sent).toEqual([])
  })

  test('cannot be started by another service', async () => {
    const { account_id: id, access_token: token } = await logInByPhone(auth, phone)
    await broker.sendJob({ type: 'account.forget', accountId: AccountId.parse(id) })
    await broker.sendJob({ type: 'account.forget', accountId: AccountId.parse(randomUUID()) })
    await eventually('no job to be left', async () => (await broker.readQueues()).jobs === 0)
    await logInByPhone(auth, '+4915112345679')
    expect((await auth.call('GET', '/auth/account', { token })).status).toBe(200)
  })
})

/** The same broker, which stays open when the service that uses it closes. */
const another = (shared: Broker): Broker => ({ ...shared, close: async () => {} })

test('a test code is sent like others, and opens nothing', async () => {
  const answer = await operate('POST', 'test-codes', { phone: '0151 12345678' })
  expect(answer.body).toEqual({ channel: 'phone', isTaken: true, isPrinted: false })
  expect(auth.sent).toMatchObject([{ channel: 'phone', address: phone }])
  const [{ count } = { count: -1 }] = await auth.sql<{ count: number }[]>`
    select (select count(*) from auth.challenges) + (select count(*) from auth.accounts) as count`
  expect(count).toBe(0)
})

test('a failure to send explains why, without quoting the server', async () => {
  failure = Object.assign(new Error('550 nobody@example.org is unknown'), {
    code: 'EENVELOPE',
    response: '550 nobody@example.org is unknown',
  })
  const { body } = await operate('POST', 'test-codes', { email: 'nobody@example.org' })
  expect(body).toMatchObject({ channel: 'email', isTaken: false, reason: 'EENVELOPE' })
  expect(body.why).toContain('SMTP_FROM')
  expect(JSON.stringify(body)).not.toContain('nobody@')
})

test.each([
  [{ email: 'no address' }, 'invalid_email'],
  [{ phone: '12' }, 'invalid_request'],
  [{ phone: '+499001234567' }, 'phone_not_served'],
  [{ phone: '+4915112345678', email: 'a@example.org' }, 'invalid_request'],
])('%j is refused as %s', async (body, code) => {
  expect((await operate('POST', 'test-codes', body)).body.code).toBe(code)
  expect(auth.sent).toEqual([])
})

test('an unreachable mail server is named by its variable, with the real sender', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await new Promise((resolve) => server.close(resolve))
  const sendCode = createCodeSender(
    {
      MAIL_SENDER: 'smtp',
      SMS_SENDER: 'none',
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      SMTP_FROM: 'sotto@example.org',
    },
    () => {},
  )
  const failing = await sendCode({
    channel: 'email',
    address: 'a@example.org' as never,
    code: '123456',
    ttlSeconds: 600,
  }).catch((error: unknown) => error)
  failure = failing as Error
  const { body } = await operate('POST', 'test-codes', { email: 'a@example.org' })
  expect(body).toMatchObject({ isTaken: false })
  expect(body.why).toContain('nothing listens')
})

test('accounts are listed in pages, newest first, and found by a part of their number', async () => {
  for (let n = 0; n < 3; n += 1) {
    await logInByPhone(auth, `+491511234500${n}`)
    auth.clock.now += 1_000
  }
  const first = (await operate('POST', 'accounts/search', { limit: 2 })).body
  expect(first.accounts).toHaveLength(2)
  const rest = (await operate('POST', 'accounts/search', { limit: 2, after: first.next })).body
  expect(rest).toMatchObject({ next: null, accounts: [{ phone: '+4915112345000' }] })
  const found = (await operate('POST', 'accounts/search', { digits: '5001' })).body
  expect(found.accounts).toMatchObject([{ phone: '+4915112345001' }])
  expect((await operate('POST', 'accounts/search', { limit: 101 })).status).toBe(400)
  expect((await operate('POST', 'accounts/search', { digits: "1' or 1=1" })).status).toBe(400)
})
