import { client, ready } from '@serenity-kit/opaque'
import { beforeAll, expect, test } from 'vitest'
import { authLimits } from '../src/limits.ts'
import { type AuthUnderTest, logInByPhone, startAuth, startAuthOn } from './auth-under-test.ts'

beforeAll(() => ready)

const start = (auth: AuthUnderTest, phone: string, ip?: string) =>
  auth.call('POST', '/auth/phone/start', { body: { phone }, ...(ip && { ip }) })

const limited = { code: 'rate_limited', details: { retryAfterSeconds: expect.any(Number) } }

test('a number gets few codes, over all instances and after a restart', async () => {
  await using one = await startAuth({ limitFactor: 1 })
  await using two = await startAuthOn(one.sql, one.config)
  const { points } = authLimits.startByAddress
  for (let count = 0; count < points; count += 1) {
    const instance = count % 2 === 0 ? one : two
    expect((await start(instance, '+4915112370001')).status).toBe(200)
  }

  expect((await start(one, '+4915112370001')).body).toEqual(limited)
  expect((await start(two, '0151 12370001')).body).toEqual(limited)
  await using restarted = await startAuthOn(one.sql, one.config)
  expect((await start(restarted, '+4915112370001')).body).toEqual(limited)
  expect((await start(two, '+4915112370002')).status).toBe(200)
})

test('a network gets few codes, whatever the numbers, and an IPv6 network counts as one', async () => {
  await using auth = await startAuth({ limitFactor: 1 })
  const { points } = authLimits.startByNetwork
  const answers = await Promise.all(
    Array.from({ length: points + 10 }, (_, n) =>
      start(auth, `+49151124${10_000 + n}`, `2001:db8::${(n + 1).toString(16)}`),
    ),
  )

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(points)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(10)
  expect((await start(auth, '+4915112499999', '2001:db8:0:1::1')).status).toBe(200)
})

test('an account looks up only so many people', async () => {
  await using auth = await startAuth({ limitFactor: 1 })
  const { access_token: token } = await logInByPhone(auth, '+4915112370010')
  const { points } = authLimits.lookUpByAccount
  const lookUp = (n: number) =>
    auth.call('POST', '/auth/lookup', { token, body: { email: `person${n}@chat.test` } })
  for (let n = 0; n < points; n += 1) expect((await lookUp(n)).status).toBe(404)

  expect((await lookUp(points)).body).toEqual(limited)
})

test('who guesses a password is stopped, and the owner at another place is not', async () => {
  await using auth = await startAuth({ limitFactor: 1 })
  const { startLoginRequest } = client.startLogin({ password: 'a guess at it' })
  const guess = (ip: string) =>
    auth.call('POST', '/auth/password/login-start', {
      body: { email: 'alice@chat.test', startLoginRequest },
      ip,
    })
  const { points } = authLimits.passwordByAddressAndNetwork
  for (let n = 0; n < points; n += 1) expect((await guess('198.51.100.7')).status).toBe(200)

  expect((await guess('198.51.100.7')).body).toEqual(limited)
  expect((await guess('192.0.2.1')).status).toBe(200)
})

test('the table of limits holds neither numbers nor addresses', async () => {
  await using auth = await startAuth()
  await start(auth, '+4915112370020', '198.51.100.7')
  const rows = await auth.sql`select key from auth.rate_limits`

  expect(rows.length).toBeGreaterThan(2)
  expect(JSON.stringify(rows)).not.toMatch(/15112370020|198\.51/)
})
