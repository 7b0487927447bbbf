import {
  type App,
  createApp,
  createLogger,
  registerForOperator,
  type WrapsWrite,
} from '@sotto/service-runtime'
import { type AccountId, Actor, type Wrap } from '@sotto/wire'
import { KeptWraps } from '@sotto/wire/operator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authRetention } from '../../src/retention.ts'
import * as keptWraps from '../../src/store/kept-wraps.ts'
import { type AuthUnderTest, logInByPhone, startAuth } from '../auth-under-test.ts'

const DAY = 86_400_000
const days = ['2026-03-01', '2026-03-02', '2026-03-03'] as const
const noon = (day: string) => Date.parse(day) + DAY / 2

const token = 'b7Kx2mQz90Vr-0p3r4t0r-of-the-tests'

let auth: AuthUnderTest
let internal: App

beforeAll(async () => {
  auth = await startAuth()
  internal = createApp({ log: createLogger({ name: 'test', level: 'silent' }) })
  await registerForOperator(internal, token, auth.service.operatorPlugin)
})
afterAll(async () => {
  await internal.close()
  await auth[Symbol.asyncDispose]()
})

async function operate(method: 'GET' | 'PUT', accountId: AccountId, day = '') {
  const answer = await internal.inject({
    method,
    url: `/operator/auth/accounts/${accountId}/kept-wraps${day && `/${day}`}`,
    headers: { authorization: `Bearer ${token}` },
  })
  return { status: answer.statusCode, body: answer.json() }
}

const show = async (accountId: AccountId) => KeptWraps.parse((await operate('GET', accountId)).body)

const code = (ciphertext: string): Wrap => ({ kind: 'recovery_code', ciphertext })
const password: Wrap = { kind: 'password', ciphertext: 'UFBQ' }

let phones = 0

/**
 * A person who has logged in at noon of a day, and the requests that the chat service would send
 * for them.
 */
async function loggedIn(day: string) {
  auth.clock.now = noon(day)
  phones += 1
  const tokens = await logInByPhone(auth, `+4915112361${String(phones).padStart(3, '0')}`)
  const actor = Actor.parse({
    accountId: tokens.account_id,
    deviceId: tokens.device_id,
    sessionId: tokens.session_id,
  })
  const { accountId } = actor
  let version = 0
  const keep = async (change: WrapsWrite['change']) => {
    version += 1
    await auth.service.keepWraps({ actor, version, change })
  }
  const stored = () => auth.sql<Wrap[]>`
    select kind, ciphertext from auth.wraps where account_id = ${accountId} order by kind`
  return { accountId, tokens, keep, stored }
}

test('the wraps at the start of each day are kept, however often they are written', async () => {
  const { accountId, keep } = await loggedIn(days[0])
  await keep({ replaceAll: [code('QUFB'), password] })
  auth.clock.now = noon(days[1])
  for (let n = 0; n < 5; n++) await keep({ put: code(`QUF${n}`) })
  auth.clock.now = noon(days[2])
  await keep({ removePassword: true })

  const shown = await show(accountId)

  const kinds = ['password', 'recovery_code']
  expect(shown.kept).toEqual([
    { day: days[2], version: 6, kinds, replacedAt: noon(days[2]) },
    { day: days[1], version: 1, kinds, replacedAt: noon(days[1]) },
  ])
  expect(shown.current).toEqual({ version: 7, kinds: ['recovery_code'] })
  expect(JSON.stringify(shown)).not.toContain('QUF')
})

test('wraps are restored to the start of a day under a new version, and the sessions end', async () => {
  const { accountId, tokens, keep, stored } = await loggedIn(days[0])
  await keep({ replaceAll: [code('QUFB'), password] })
  auth.clock.now = noon(days[1])
  await keep({ put: code('QkJC') })
  await keep({ removePassword: true })

  expect(await operate('PUT', accountId, days[1])).toEqual({ status: 200, body: { ended: 1 } })

  expect(await stored()).toEqual([password, code('QUFB')])
  expect((await show(accountId)).current.version).toBe(4)
  await expect.poll(() => auth.endedSessions).toContain(tokens.session_id)
  // Repeating it has the same effect: the kept wraps remain.
  expect((await operate('PUT', accountId, days[1])).body).toEqual({ ended: 0 })
  expect(await stored()).toEqual([password, code('QUFB')])
})

test('wraps that have not changed since then remain', async () => {
  const { accountId, keep, stored } = await loggedIn(days[0])
  await keep({ replaceAll: [code('QUFB')] })
  auth.clock.now = noon(days[1])
  expect(await operate('PUT', accountId, days[1])).toMatchObject({ status: 200 })
  expect(await stored()).toEqual([code('QUFB')])
  expect((await show(accountId)).current.version).toBe(1)
})

test('nothing is restored for a forgotten day or an unknown account', async () => {
  const { accountId } = await loggedIn(days[0])
  auth.clock.now = noon(days[2])
  const unknown = { code: 'invalid_request', details: { field: 'params/day' } }
  for (const day of ['2026-03-09', '2026-01-30']) {
    expect(await operate('PUT', accountId, day)).toEqual({ status: 400, body: unknown })
  }
  const nobody = '00000000-0000-4000-8000-000000000000' as AccountId
  for (const asked of [operate('GET', nobody), operate('PUT', nobody, days[2])]) {
    expect((await asked).body).toEqual({ code: 'account_not_found' })
  }
})

test('no client can read the kept wraps', async () => {
  const { accountId, tokens, keep } = await loggedIn(days[0])
  await keep({ replaceAll: [code('QUFB')] })
  await keep({ replaceAll: [code('QkJC')] })
  const { body } = await auth.call('GET', '/auth/wraps', { token: tokens.access_token })
  expect(body).toEqual({ version: 2, wraps: [code('QkJC')] })
  const url = `/operator/auth/accounts/${accountId}/kept-wraps`
  expect((await auth.call('GET', url, { token: tokens.access_token })).status).toBe(404)
})

test('kept wraps are deleted after 30 days', async () => {
  const { accountId, keep } = await loggedIn(days[0])
  await keep({ replaceAll: [code('QUFB')] })
  await keep({ replaceAll: [code('QkJC')] })
  auth.clock.now = noon(days[1])
  await keep({ replaceAll: [code('Q0ND')] })
  const keptAt = async (now: number) => {
    await keptWraps.removeBefore(auth.sql, new Date(now - authRetention.kept_wraps * 1_000))
    return (await show(accountId)).kept.map(({ day }) => day)
  }

  expect(await keptAt(noon(days[0]) + 30 * DAY)).toEqual([days[1], days[0]])
  expect(await keptAt(noon(days[0]) + 30 * DAY + 1)).toEqual([days[1]])
})
