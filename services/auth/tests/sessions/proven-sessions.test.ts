import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AuthUnderTest,
  logInByPhone,
  logInWithCode,
  newDevice,
  proveLogIn,
  startAuth,
} from '../auth-under-test.ts'

let auth: AuthUnderTest
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const refreshes = async ({ refresh_token }: { refresh_token?: string | undefined }) =>
  (await auth.call('POST', '/auth/refresh', { body: { refresh_token } })).status === 200

const listed = async ({ access_token: token }: { access_token: string }) =>
  (await auth.call('GET', '/auth/sessions', { token })).body.sessions

test("a log-in that claims a device's id coexists with its session, and the list distinguishes them", async () => {
  const phone = '+4915112350001'
  const device = newDevice()
  const owner = await logInByPhone(auth, phone, device)
  auth.clock.now += 1
  const thief = await logInWithCode(auth, phone, device)

  expect(await listed(owner)).toMatchObject([
    { sessionId: thief.session_id, deviceId: device.deviceId, current: false, proven: false },
    { sessionId: owner.session_id, deviceId: device.deviceId, current: true, proven: true },
  ])
  expect([await refreshes(owner), await refreshes(thief)]).toEqual([true, true])

  // The next unproven one replaces that one, and no other.
  const next = await logInWithCode(auth, phone, device)
  expect([await refreshes(owner), await refreshes(thief), await refreshes(next)]).toEqual([
    true,
    false,
    true,
  ])
})

test("with its proof, a log-in replaces the device's earlier sessions", async () => {
  const phone = '+4915112350002'
  const device = newDevice()
  const before = await logInByPhone(auth, phone, device)
  const after = await logInWithCode(auth, phone, device)
  expect(await proveLogIn(auth, after)).toBe(true)

  expect(await listed(after)).toMatchObject([{ sessionId: after.session_id, proven: true }])
  expect(await refreshes(before)).toBe(false)
  await expect.poll(() => auth.endedSessions).toContain(before.session_id)
  expect(await proveLogIn(auth, after)).toBe(true)
  expect(await proveLogIn(auth, before)).toBe(false)
})

test('log-ins without keys, however many, displace no session of a device', async () => {
  const phone = '+4915112350003'
  const owner = await logInByPhone(auth, phone)
  // Make it the least recently used session.
  await auth.sql`update auth.sessions set last_used_at = to_timestamp(0) where id = ${owner.session_id}`
  for (let n = 0; n < 66; n += 1) await logInWithCode(auth, phone)

  const sessions = await listed(owner)
  expect(sessions).toHaveLength(64)
  expect(sessions.map(({ sessionId }: { sessionId: string }) => sessionId)).toContain(
    owner.session_id,
  )
})

test('a log-in ends no session, and does not count as proven for another device or account', async () => {
  const [owner, other] = [
    await logInByPhone(auth, '+4915112350004'),
    await logInByPhone(auth, '+4915112350005'),
  ]
  const thief = await logInWithCode(auth, '+4915112350004')
  const { access_token: token } = thief
  const ended = await auth.call('DELETE', `/auth/sessions/${owner.session_id}`, { token })
  expect([ended.status, ended.body.code]).toEqual([403, 'device_not_proven'])

  for (const changes of [
    { account_id: other.account_id },
    { device_id: owner.device_id },
    { session_id: randomUUID() },
  ]) {
    expect(await proveLogIn(auth, { ...thief, ...changes } as typeof thief)).toBe(false)
  }
  expect(await proveLogIn(auth, thief)).toBe(true)
  expect((await auth.call('GET', '/auth/sessions', { token })).status).toBe(200)
})
