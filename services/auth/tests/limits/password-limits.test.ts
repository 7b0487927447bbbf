import { client, ready } from '@serenity-kit/opaque'
import { beforeAll, expect, test } from 'vitest'
import { authLimits } from '../../src/limits.ts'
import { newKnownDevice } from '../../src/secrets/known-device.ts'
import { startAuth } from '../auth-under-test.ts'
import { limited } from './ask-for-code.ts'

beforeAll(() => ready)

test('an attacker who guesses a password is stopped, and the owner elsewhere is not', async () => {
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

test('the owner logs in on a known device although attackers have exhausted the password limit', async () => {
  await using auth = await startAuth({ limitFactor: 1 })
  const email = 'alice@chat.test'
  const known = newKnownDevice(auth.config.codePepper, email)
  const { startLoginRequest } = client.startLogin({ password: 'a guess at it' })
  const guess = (ip: string, knownDevice?: string) =>
    auth.call('POST', '/auth/password/login-start', {
      body: { email, startLoginRequest, ...(knownDevice && { knownDevice }) },
      ip,
    })
  const { points } = authLimits.passwordByAddress
  for (let n = 0; n <= points; n += 1) await guess(`100.${n}.0.1`)

  expect((await guess('192.0.2.1')).body).toEqual(limited)
  expect((await guess('192.0.2.1', known)).status).toBe(200)
})
