import { ready } from '@serenity-kit/opaque'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepWraps } from '../../src/domain/wraps/keep-wraps.ts'
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

describe('an account without a password', () => {
  const byTicket = (ticket: string) => post(auth, 'email/log-in', { ticket, device: newDevice() })

  test('is created and entered with a code alone', async () => {
    const email = 'none@chat.test'
    const proven = await prove(auth, email)
    const created = await byTicket(proven.ticket)
    expect(created).toMatchObject({
      status: 200,
      body: { created: true, account_id: proven.accountId },
    })
    expect((await byTicket(proven.ticket)).body).toEqual({ code: 'ticket_expired' })

    const again = await byTicket((await prove(auth, email)).ticket)
    expect(again.body).toMatchObject({ created: false, account_id: proven.accountId })
    expect(await logIn(auth, email, 'blue whale song')).toBeUndefined()
    // Other sessions continue: nothing was replaced.
    const { access_token: token } = created.body
    expect((await auth.call('GET', '/auth/wraps', { token })).status).toBe(200)
  })

  test('must have none: a code alone does not bypass a password', async () => {
    const email = 'has-one@chat.test'
    await register(auth, email, 'blue whale song')
    const { ticket } = await prove(auth, email)
    expect(await byTicket(ticket)).toMatchObject({
      status: 401,
      body: { code: 'wrong_credentials' },
    })
    // The ticket can still set a new password.
    expect(await startRegistration(auth, ticket, 'green whale song')).toMatchObject({
      registrationRecord: expect.any(String),
    })
  })

  test('can get one later', async () => {
    const email = 'later@chat.test'
    await byTicket((await prove(auth, email)).ticket)
    await register(auth, email, 'blue whale song')
    expect(await logIn(auth, email, 'blue whale song')).toMatchObject({ status: 200 })
    expect((await byTicket((await prove(auth, email)).ticket)).status).toBe(401)
  })

  test('results from removing the password, and the other wraps remain', async () => {
    const email = 'removed@chat.test'
    const { body } = await register(auth, email, 'blue whale song')
    const { access_token: token, account_id } = body
    await keep(auth, body, 1, { replaceAll: [wrapOf('cGFz'), wrapOf('cmVj', 'recovery_code')] })
    const { loginId, finished } = await startLogIn(auth, email, 'blue whale song')

    await keep(auth, body, 2, { removePassword: true })
    await keep(auth, body, 2, { removePassword: true })

    expect(await wrapsOf(auth, token)).toEqual([wrapOf('cmVj', 'recovery_code')])
    const late = await post(auth, 'password/login-finish', {
      loginId,
      finishLoginRequest: finished?.finishLoginRequest,
      device: newDevice(),
    })
    expect(late.body).toEqual({ code: 'wrong_credentials' })
    expect(await logIn(auth, email, 'blue whale song')).toBeUndefined()
    expect((await byTicket((await prove(auth, email)).ticket)).body).toMatchObject({ account_id })
  })
})

test('a password is not removed if no one could log in without it', async () => {
  const email = 'kept@chat.test'
  const { body } = await register(auth, email, 'blue whale song')
  const bySmsOnly = { sql: auth.sql, channels: ['phone'], now: Date.now } as const

  const { account_id: accountId, session_id: sessionId, device_id: deviceId } = body
  const write = { actor: { accountId, sessionId, deviceId }, version: 1 }
  const change = { removePassword: true } as const
  await expect(keepWraps(bySmsOnly, { ...write, change })).rejects.toMatchObject({
    code: 'channel_closed',
  })

  expect(await logIn(auth, email, 'blue whale song')).toMatchObject({ status: 200 })
})
