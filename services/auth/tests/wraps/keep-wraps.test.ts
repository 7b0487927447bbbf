import type { WrapsWrite } from '@sotto/service-runtime'
import { Actor, type TokenAnswer } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuthUnderTest, logInByPhone, startAuth } from '../auth-under-test.ts'

let auth: AuthUnderTest

beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const actorOf = (tokens: TokenAnswer) =>
  Actor.parse({
    accountId: tokens.account_id,
    deviceId: tokens.device_id,
    sessionId: tokens.session_id,
  })

const password = { kind: 'password', ciphertext: 'QQ' } as const
const code = { kind: 'recovery_code', ciphertext: 'Qg' } as const

/** A logged-in person, and the requests that the chat service would send for them. */
async function loggedIn(phone: string) {
  const tokens = await logInByPhone(auth, phone)
  const actor = actorOf(tokens)
  const keep = (version: number, change: WrapsWrite['change']) =>
    auth.service.keepWraps({ actor, version, change })
  const list = async () =>
    (await auth.call('GET', '/auth/wraps', { token: tokens.access_token })).body
  return { tokens, keep, list }
}

test('wraps are written one by one and replaced all at once, each time as the next version', async () => {
  const { keep, list } = await loggedIn('+4915112360020')
  expect(await list()).toEqual({ version: 0, wraps: [] })

  await keep(1, { put: password })
  await keep(2, { put: code })
  await keep(3, { put: { ...code, ciphertext: 'Qw' } })
  expect(await list()).toEqual({
    version: 3,
    wraps: [password, { ...code, ciphertext: 'Qw' }],
  })
  await keep(4, { replaceAll: [code] })
  expect(await list()).toEqual({ version: 4, wraps: [code] })
})

test('a write is valid for one version; repeating it is the retry of a lost answer', async () => {
  const { keep, list } = await loggedIn('+4915112360021')
  await keep(1, { put: password })
  await keep(1, { put: password })
  await keep(2, { replaceAll: [code] })
  await keep(2, { replaceAll: [code] })
  for (const version of [1, 2, 4]) {
    await expect(keep(version, { put: password })).rejects.toMatchObject({
      code: 'stale_version',
      details: { currentVersion: 2 },
    })
  }
  expect(await list()).toEqual({ version: 2, wraps: [code] })
})

test('one of two concurrent writes of the same version wins', async () => {
  const { keep, list } = await loggedIn('+4915112360022')
  const answers = await Promise.allSettled([
    keep(1, { put: password }),
    keep(1, { put: { ...password, ciphertext: 'QR' } }),
  ])
  expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await list()).toMatchObject({ version: 1 })
})

test('an ended session cannot write', async () => {
  const { keep, tokens } = await loggedIn('+4915112360023')
  await auth.call('POST', '/auth/logout', { token: tokens.access_token })
  await expect(keep(1, { put: password })).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('only the chat service, which verifies the signature, can write a wrap', async () => {
  const { tokens, list } = await loggedIn('+4915112360024')
  const token = tokens.access_token
  const { ciphertext } = password
  const answers = [
    await auth.call('PUT', '/auth/wraps/password', { token, body: { ciphertext } }),
    await auth.call('PUT', '/auth/wraps', { token, body: { wraps: [password] } }),
    await auth.call('DELETE', '/auth/password', { token }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
  expect(await list()).toEqual({ version: 0, wraps: [] })
})
