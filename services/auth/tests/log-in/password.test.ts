import { randomUUID } from 'node:crypto'
import { client, ready } from '@serenity-kit/opaque'
import type { WrapsWrite } from '@sotto/service-runtime'
import type { TokenAnswer, WrapKind } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepWraps } from '../../src/domain/wraps/keep-wraps.ts'
import { type AuthUnderTest, newDevice, startAuth } from '../auth-under-test.ts'
import hostile from '../vectors/hostile-strings.json' with { type: 'json' }

// Stretching happens on the client, so the cheapest setting is enough here.
const keyStretching = {
  'argon2id-custom': { iterations: 1, memory: 8, parallelism: 1 },
} as const

let auth: AuthUnderTest
beforeAll(async () => {
  await ready
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const post = (path: string, body: unknown) => auth.call('POST', `/auth/${path}`, { body })

async function prove(email: string) {
  const { challengeId } = (await post('email/start', { email })).body
  const code = await auth.codeFor(email.trim().toLowerCase())
  return (await post('email/verify', { challengeId, code })).body
}

async function startRegistration(ticket: string, password: string) {
  const start = client.startRegistration({ password })
  const { registrationRequest } = start
  const { body } = await post('password/register-start', { ticket, registrationRequest })
  return client.finishRegistration({ password, ...start, ...body, keyStretching })
}

async function register(email: string, password: string) {
  const { ticket } = await prove(email)
  const { registrationRecord, exportKey } = await startRegistration(ticket, password)
  const device = newDevice()
  const answer = await post('password/register-finish', {
    ticket,
    registrationRecord,
    device,
  })
  return { ...answer, exportKey, ticket }
}

async function startLogIn(email: string, password: string) {
  const { clientLoginState, startLoginRequest } = client.startLogin({ password })
  const { body } = await post('password/login-start', { email, startLoginRequest })
  const { loginId, loginResponse } = body
  const finished = client.finishLogin({ clientLoginState, loginResponse, password, keyStretching })
  return { loginId, finished }
}

async function logIn(email: string, password: string) {
  const { loginId, finished } = await startLogIn(email, password)
  if (!finished) return undefined
  const { finishLoginRequest, exportKey } = finished
  const device = newDevice()
  const answer = await post('password/login-finish', { loginId, finishLoginRequest, device })
  return { ...answer, exportKey }
}

const wrapOf = (ciphertext: string, kind: WrapKind = 'password') => ({ kind, ciphertext })
/** The request of the chat service after the owner has signed. */
const keep = (tokens: TokenAnswer, version: number, change: WrapsWrite['change']) => {
  const { account_id: accountId, session_id: sessionId, device_id: deviceId } = tokens
  return auth.service.keepWraps({ actor: { accountId, sessionId, deviceId }, version, change })
}
const wrapsOf = async (token: string) =>
  (await auth.call('GET', '/auth/wraps', { token })).body.wraps

describe('signing up by email and password', () => {
  test('creates the account at the end, with the id that was announced before', async () => {
    const email = 'alice@chat.test'
    const proven = await prove('Alice@Chat.test ')
    expect(proven).toMatchObject({ isNew: true })
    expect(await auth.sql`select 1 from auth.accounts where email = ${email}`).toHaveLength(0)

    const { registrationRecord } = await startRegistration(proven.ticket, 'blue whale song')
    const answer = await post('password/register-finish', {
      ticket: proven.ticket,
      registrationRecord,
      device: newDevice(),
    })
    expect(answer.body).toMatchObject({ created: true, account_id: proven.accountId })
    expect(await wrapsOf(answer.body.access_token)).toEqual([])
  })

  test('yields the same export key at log-in', async () => {
    const registered = await register('export@chat.test', 'blue whale song')
    const loggedIn = await logIn('EXPORT@chat.test', 'blue whale song')

    expect(loggedIn).toMatchObject({
      status: 200,
      exportKey: registered.exportKey,
      body: { account_id: registered.body.account_id, created: false },
    })
  })

  test('creates one account if two tickets for a new address are used', async () => {
    const email = 'twice@chat.test'
    const [one, two] = [await prove(email), await prove(email)]
    const finish = async (ticket: string) => {
      const { registrationRecord } = await startRegistration(ticket, 'blue whale song')
      const device = newDevice()
      return post('password/register-finish', { ticket, registrationRecord, device })
    }
    const answers = await Promise.all([finish(one.ticket), finish(two.ticket)])

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410])
    expect(await auth.sql`select 1 from auth.accounts where email = ${email}`).toHaveLength(1)
  })

  test('works once per ticket, within ten minutes', async () => {
    const { ticket } = await register('ticket@chat.test', 'blue whale song')
    const { registrationRequest } = client.startRegistration({ password: 'blue whale song' })
    const expired = { code: 'ticket_expired' }
    const start = (used: string) =>
      post('password/register-start', { ticket: used, registrationRequest })
    expect((await start(ticket)).body).toEqual(expired)

    const late = await prove('ticket@chat.test')
    expect(late).toMatchObject({ isNew: false })
    auth.clock.now += 600_001
    expect((await start(late.ticket)).body).toEqual(expired)
  })

  test('rejects malformed OPAQUE messages', async () => {
    const { ticket } = await prove('malformed@chat.test')
    const refused = { code: 'invalid_request' }
    const device = newDevice()

    expect(
      (await post('password/register-start', { ticket, registrationRequest: 'AAAA' })).body,
    ).toEqual(refused)
    expect(
      (
        await post('password/register-finish', {
          ticket,
          registrationRecord: 'A'.repeat(256),
          device,
        })
      ).body,
    ).toEqual(refused)
    expect(
      (
        await post('password/login-start', {
          email: 'malformed@chat.test',
          startLoginRequest: 'AAAA',
        })
      ).body,
    ).toEqual(refused)
  })
})

describe('a new password for a known address', () => {
  test('replaces the old one, ends all sessions and deletes the old wrap', async () => {
    const email = 'reset@chat.test'
    const old = await register(email, 'the old password')
    const { access_token: oldToken, account_id, session_id } = old.body
    await keep(old.body, 1, { put: wrapOf('b2xk') })
    await keep(old.body, 2, { put: wrapOf('cmVj', 'recovery_code') })
    const renewed = await register(email, 'the new password')

    expect(renewed.body).toMatchObject({ account_id, created: false })
    expect(await wrapsOf(renewed.body.access_token)).toEqual([wrapOf('cmVj', 'recovery_code')])
    expect(await logIn(email, 'the old password')).toBeUndefined()
    expect(await logIn(email, 'the new password')).toMatchObject({ status: 200 })
    expect((await auth.call('GET', '/auth/wraps', { token: oldToken })).status).toBe(401)
    await expect.poll(() => auth.endedSessions).toContain(session_id)
  })

  test('wins once if two are set concurrently', async () => {
    const email = 'at-once@chat.test'
    await register(email, 'the old password')
    const tickets = [(await prove(email)).ticket, (await prove(email)).ticket]
    const registrations: { ticket: string; registrationRecord: string }[] = []
    for (const ticket of tickets) {
      const { registrationRecord } = await startRegistration(ticket, 'the new password')
      registrations.push({ ticket, registrationRecord })
    }
    const answers = await Promise.all(
      registrations.map((registration) =>
        post('password/register-finish', { ...registration, device: newDevice() }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410])
  })

  test('cannot be replaced with an earlier ticket', async () => {
    const email = 'two-tickets@chat.test'
    await register(email, 'the old password')
    // An attacker obtained a code, and waits.
    const { ticket } = await prove(email)
    await register(email, 'the new password')
    const { registrationRequest } = client.startRegistration({ password: 'their password' })
    const answer = await post('password/register-start', { ticket, registrationRequest })
    expect(answer.body).toEqual({ code: 'ticket_expired' })
  })

  test('defeats a log-in with the old password that is already in progress', async () => {
    const email = 'race@chat.test'
    await register(email, 'the old password')
    const { loginId, finished } = await startLogIn(email, 'the old password')
    await register(email, 'the new password')
    const answer = await post('password/login-finish', {
      loginId,
      finishLoginRequest: finished?.finishLoginRequest,
      device: newDevice(),
    })

    expect(answer.body).toEqual({ code: 'wrong_credentials' })
  })
})

describe('logging in by password', () => {
  const email = 'bob@chat.test'
  beforeAll(async () => {
    await register(email, 'blue whale song')
  })

  test('fails on the device if the password is wrong', async () => {
    expect(await logIn(email, 'blue whale sonG')).toBeUndefined()
  })

  test('fails for an unknown address as for a wrong password', async () => {
    const known = client.startLogin({ password: 'wrong' })
    const send = (to: string) =>
      post('password/login-start', { email: to, startLoginRequest: known.startLoginRequest })
    const [right, unknown] = [await send(email), await send('nobody@chat.test')]

    expect(unknown.status).toBe(right.status)
    expect(unknown.text.length).toBe(right.text.length)
    expect(Object.keys(unknown.body)).toEqual(Object.keys(right.body))
    expect(await logIn('nobody@chat.test', 'blue whale song')).toBeUndefined()
  })

  test('accepts each last message once, within two minutes', async () => {
    const { loginId, finished } = await startLogIn(email, 'blue whale song')
    const body = {
      loginId,
      finishLoginRequest: finished?.finishLoginRequest,
      device: newDevice(),
    }
    expect((await post('password/login-finish', body)).status).toBe(200)
    expect((await post('password/login-finish', body)).body).toEqual({ code: 'wrong_credentials' })

    const late = await startLogIn(email, 'blue whale song')
    auth.clock.now += 120_001
    const answer = await post('password/login-finish', {
      loginId: late.loginId,
      finishLoginRequest: late.finished?.finishLoginRequest,
      device: newDevice(),
    })
    expect(answer.body).toEqual({ code: 'wrong_credentials' })
  })

  test('rejects the last message of another log-in', async () => {
    const one = await startLogIn(email, 'blue whale song')
    const two = await startLogIn(email, 'blue whale song')
    const { finishLoginRequest } = one.finished ?? {}
    const finish = (loginId: string) =>
      post('password/login-finish', { loginId, finishLoginRequest, device: newDevice() })

    expect((await finish(two.loginId)).body).toEqual({ code: 'wrong_credentials' })
    expect((await finish(randomUUID())).body).toEqual({ code: 'wrong_credentials' })
  })
})

describe('passwords are used in full', () => {
  test.each([
    ['the 73rd character', `${'p'.repeat(72)}A`, `${'p'.repeat(72)}B`],
    ['the 256th character', `${'p'.repeat(255)}A`, `${'p'.repeat(255)}B`],
    ['a trailing space', 'blue whale song', 'blue whale song '],
    ['composed and decomposed letters', 'caf\u00e9 caf\u00e9', 'cafe\u0301 cafe\u0301'],
  ])('%s matters', async (name, right, wrong) => {
    const email = `${name.replaceAll(' ', '-')}@chat.test`
    await register(email, right)

    expect(await logIn(email, wrong)).toBeUndefined()
    expect(await logIn(email, right)).toMatchObject({ status: 200 })
  })

  const hostilePasswords = hostile.cases.filter(({ cat }) => cat === 'password')
  test.each(hostilePasswords)('$id works unchanged', async ({ id, s }) => {
    const email = `${id}@chat.test`
    await register(email, s ?? '')

    expect(await logIn(email, s ?? '')).toMatchObject({ status: 200 })
    expect(await logIn(email, `${s} `)).toBeUndefined()
  })
})

describe('an account without a password', () => {
  const byTicket = (ticket: string) => post('email/log-in', { ticket, device: newDevice() })

  test('is created and entered with a code alone', async () => {
    const email = 'none@chat.test'
    const proven = await prove(email)
    const created = await byTicket(proven.ticket)
    expect(created).toMatchObject({
      status: 200,
      body: { created: true, account_id: proven.accountId },
    })
    expect((await byTicket(proven.ticket)).body).toEqual({ code: 'ticket_expired' })

    const again = await byTicket((await prove(email)).ticket)
    expect(again.body).toMatchObject({ created: false, account_id: proven.accountId })
    expect(await logIn(email, 'blue whale song')).toBeUndefined()
    // Other sessions continue: nothing was replaced.
    const { access_token: token } = created.body
    expect((await auth.call('GET', '/auth/wraps', { token })).status).toBe(200)
  })

  test('must have none: a code alone does not bypass a password', async () => {
    const email = 'has-one@chat.test'
    await register(email, 'blue whale song')
    const { ticket } = await prove(email)
    expect(await byTicket(ticket)).toMatchObject({
      status: 401,
      body: { code: 'wrong_credentials' },
    })
    // The ticket can still set a new password.
    expect(await startRegistration(ticket, 'green whale song')).toMatchObject({
      registrationRecord: expect.any(String),
    })
  })

  test('can get one later', async () => {
    const email = 'later@chat.test'
    await byTicket((await prove(email)).ticket)
    await register(email, 'blue whale song')
    expect(await logIn(email, 'blue whale song')).toMatchObject({ status: 200 })
    expect((await byTicket((await prove(email)).ticket)).status).toBe(401)
  })

  test('results from removing the password, and the other wraps remain', async () => {
    const email = 'removed@chat.test'
    const { body } = await register(email, 'blue whale song')
    const { access_token: token, account_id } = body
    await keep(body, 1, { replaceAll: [wrapOf('cGFz'), wrapOf('cmVj', 'recovery_code')] })
    const { loginId, finished } = await startLogIn(email, 'blue whale song')

    await keep(body, 2, { removePassword: true })
    await keep(body, 2, { removePassword: true })

    expect(await wrapsOf(token)).toEqual([wrapOf('cmVj', 'recovery_code')])
    const late = await post('password/login-finish', {
      loginId,
      finishLoginRequest: finished?.finishLoginRequest,
      device: newDevice(),
    })
    expect(late.body).toEqual({ code: 'wrong_credentials' })
    expect(await logIn(email, 'blue whale song')).toBeUndefined()
    expect((await byTicket((await prove(email)).ticket)).body).toMatchObject({ account_id })
  })
})

test('a password is not removed if no one could log in without it', async () => {
  const email = 'kept@chat.test'
  const { body } = await register(email, 'blue whale song')
  const bySmsOnly = { sql: auth.sql, channels: ['phone'], now: Date.now } as const

  const { account_id: accountId, session_id: sessionId, device_id: deviceId } = body
  const write = { actor: { accountId, sessionId, deviceId }, version: 1 }
  const change = { removePassword: true } as const
  await expect(keepWraps(bySmsOnly, { ...write, change })).rejects.toMatchObject({
    code: 'channel_closed',
  })

  expect(await logIn(email, 'blue whale song')).toMatchObject({ status: 200 })
})

test('no password, export key or ticket is in the database or the log', async () => {
  const { exportKey, ticket } = await register('canary@chat.test', 'the canary sings at dawn')
  const tables = await auth.sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'auth'`
  const rows = await Promise.all(
    tables.map(({ name }) => auth.sql`select t::text as row from auth.${auth.sql(name)} t`),
  )
  const everything = JSON.stringify(rows) + auth.logLines.join('')

  expect(everything).toContain('canary@chat.test')
  for (const secret of ['the canary sings', exportKey, ticket]) {
    expect(everything).not.toContain(secret)
  }
})
