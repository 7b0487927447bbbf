import { client, ready } from '@serenity-kit/opaque'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthUnderTest, newDevice, startAuth } from '../auth-under-test.ts'
import {
  keep,
  logIn,
  post,
  prove,
  register,
  startLogIn,
  startRegistration,
  wrapOf,
  wrapsOf,
} from './by-password.ts'

let auth: AuthUnderTest
beforeAll(async () => {
  await ready
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

describe('signing up by email and password', () => {
  test('creates the account at the end, with the id that was announced before', async () => {
    const email = 'alice@chat.test'
    const proven = await prove(auth, 'Alice@Chat.test ')
    expect(proven).toMatchObject({ isNew: true })
    expect(await auth.sql`select 1 from auth.accounts where email = ${email}`).toHaveLength(0)

    const { registrationRecord } = await startRegistration(auth, proven.ticket, 'blue whale song')
    const answer = await post(auth, 'password/register-finish', {
      ticket: proven.ticket,
      registrationRecord,
      device: newDevice(),
    })
    expect(answer.body).toMatchObject({ created: true, account_id: proven.accountId })
    expect(await wrapsOf(auth, answer.body.access_token)).toEqual([])
  })

  test('yields the same export key at log-in', async () => {
    const registered = await register(auth, 'export@chat.test', 'blue whale song')
    const loggedIn = await logIn(auth, 'EXPORT@chat.test', 'blue whale song')

    expect(loggedIn).toMatchObject({
      status: 200,
      exportKey: registered.exportKey,
      body: { account_id: registered.body.account_id, created: false },
    })
  })

  test('creates one account if two tickets for a new address are used', async () => {
    const email = 'twice@chat.test'
    const [one, two] = [await prove(auth, email), await prove(auth, email)]
    const finish = async (ticket: string) => {
      const { registrationRecord } = await startRegistration(auth, ticket, 'blue whale song')
      const device = newDevice()
      return post(auth, 'password/register-finish', { ticket, registrationRecord, device })
    }
    const answers = await Promise.all([finish(one.ticket), finish(two.ticket)])

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410])
    expect(await auth.sql`select 1 from auth.accounts where email = ${email}`).toHaveLength(1)
  })

  test('works once per ticket, within ten minutes', async () => {
    const { ticket } = await register(auth, 'ticket@chat.test', 'blue whale song')
    const { registrationRequest } = client.startRegistration({ password: 'blue whale song' })
    const expired = { code: 'ticket_expired' }
    const start = (used: string) =>
      post(auth, 'password/register-start', { ticket: used, registrationRequest })
    expect((await start(ticket)).body).toEqual(expired)

    const late = await prove(auth, 'ticket@chat.test')
    expect(late).toMatchObject({ isNew: false })
    auth.clock.now += 600_001
    expect((await start(late.ticket)).body).toEqual(expired)
  })

  test('rejects malformed OPAQUE messages', async () => {
    const { ticket } = await prove(auth, 'malformed@chat.test')
    const refused = { code: 'invalid_request' }
    const device = newDevice()

    expect(
      (await post(auth, 'password/register-start', { ticket, registrationRequest: 'AAAA' })).body,
    ).toEqual(refused)
    expect(
      (
        await post(auth, 'password/register-finish', {
          ticket,
          registrationRecord: 'A'.repeat(256),
          device,
        })
      ).body,
    ).toEqual(refused)
    expect(
      (
        await post(auth, 'password/login-start', {
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
    const old = await register(auth, email, 'the old password')
    const { access_token: oldToken, account_id, session_id } = old.body
    await keep(auth, old.body, 1, { put: wrapOf('b2xk') })
    await keep(auth, old.body, 2, { put: wrapOf('cmVj', 'recovery_code') })
    const renewed = await register(auth, email, 'the new password')

    expect(renewed.body).toMatchObject({ account_id, created: false })
    expect(await wrapsOf(auth, renewed.body.access_token)).toEqual([
      wrapOf('cmVj', 'recovery_code'),
    ])
    expect(await logIn(auth, email, 'the old password')).toBeUndefined()
    expect(await logIn(auth, email, 'the new password')).toMatchObject({ status: 200 })
    expect((await auth.call('GET', '/auth/wraps', { token: oldToken })).status).toBe(401)
    await expect.poll(() => auth.endedSessions).toContain(session_id)
  })

  test('wins once if two are set concurrently', async () => {
    const email = 'at-once@chat.test'
    await register(auth, email, 'the old password')
    const tickets = [(await prove(auth, email)).ticket, (await prove(auth, email)).ticket]
    const registrations: { ticket: string; registrationRecord: string }[] = []
    for (const ticket of tickets) {
      const { registrationRecord } = await startRegistration(auth, ticket, 'the new password')
      registrations.push({ ticket, registrationRecord })
    }
    const answers = await Promise.all(
      registrations.map((registration) =>
        post(auth, 'password/register-finish', { ...registration, device: newDevice() }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410])
  })

  test('cannot be replaced with an earlier ticket', async () => {
    const email = 'two-tickets@chat.test'
    await register(auth, email, 'the old password')
    // An attacker obtained a code, and waits.
    const { ticket } = await prove(auth, email)
    await register(auth, email, 'the new password')
    const { registrationRequest } = client.startRegistration({ password: 'their password' })
    const answer = await post(auth, 'password/register-start', { ticket, registrationRequest })
    expect(answer.body).toEqual({ code: 'ticket_expired' })
  })

  test('defeats a log-in with the old password that is already in progress', async () => {
    const email = 'race@chat.test'
    await register(auth, email, 'the old password')
    const { loginId, finished } = await startLogIn(auth, email, 'the old password')
    await register(auth, email, 'the new password')
    const answer = await post(auth, 'password/login-finish', {
      loginId,
      finishLoginRequest: finished?.finishLoginRequest,
      device: newDevice(),
    })

    expect(answer.body).toEqual({ code: 'wrong_credentials' })
  })
})
