import { randomUUID } from 'node:crypto'
import { client, ready } from '@serenity-kit/opaque'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthUnderTest, newDevice, startAuth } from '../auth-under-test.ts'
import hostile from '../vectors/hostile-strings.json' with { type: 'json' }
import { logIn, post, register, startLogIn } from './by-password.ts'

let auth: AuthUnderTest
beforeAll(async () => {
  await ready
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

describe('logging in by password', () => {
  const email = 'bob@chat.test'
  beforeAll(async () => {
    await register(auth, email, 'blue whale song')
  })

  test('fails on the device if the password is wrong', async () => {
    expect(await logIn(auth, email, 'blue whale sonG')).toBeUndefined()
  })

  test('fails for an unknown address as for a wrong password', async () => {
    const known = client.startLogin({ password: 'wrong' })
    const send = (to: string) =>
      post(auth, 'password/login-start', { email: to, startLoginRequest: known.startLoginRequest })
    const [right, unknown] = [await send(email), await send('nobody@chat.test')]

    expect(unknown.status).toBe(right.status)
    expect(unknown.text.length).toBe(right.text.length)
    expect(Object.keys(unknown.body)).toEqual(Object.keys(right.body))
    expect(await logIn(auth, 'nobody@chat.test', 'blue whale song')).toBeUndefined()
  })

  test('accepts each last message once, within two minutes', async () => {
    const { loginId, finished } = await startLogIn(auth, email, 'blue whale song')
    const body = {
      loginId,
      finishLoginRequest: finished?.finishLoginRequest,
      device: newDevice(),
    }
    expect((await post(auth, 'password/login-finish', body)).status).toBe(200)
    expect((await post(auth, 'password/login-finish', body)).body).toEqual({
      code: 'wrong_credentials',
    })

    const late = await startLogIn(auth, email, 'blue whale song')
    auth.clock.now += 120_001
    const answer = await post(auth, 'password/login-finish', {
      loginId: late.loginId,
      finishLoginRequest: late.finished?.finishLoginRequest,
      device: newDevice(),
    })
    expect(answer.body).toEqual({ code: 'wrong_credentials' })
  })

  test('rejects the last message of another log-in', async () => {
    const one = await startLogIn(auth, email, 'blue whale song')
    const two = await startLogIn(auth, email, 'blue whale song')
    const { finishLoginRequest } = one.finished ?? {}
    const finish = (loginId: string) =>
      post(auth, 'password/login-finish', { loginId, finishLoginRequest, device: newDevice() })

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
    await register(auth, email, right)

    expect(await logIn(auth, email, wrong)).toBeUndefined()
    expect(await logIn(auth, email, right)).toMatchObject({ status: 200 })
  })

  const hostilePasswords = hostile.cases.filter(({ cat }) => cat === 'password')
  test.each(hostilePasswords)('$id works unchanged', async ({ id, s }) => {
    const email = `${id}@chat.test`
    await register(auth, email, s ?? '')

    expect(await logIn(auth, email, s ?? '')).toMatchObject({ status: 200 })
    expect(await logIn(auth, email, `${s} `)).toBeUndefined()
  })
})

test('no password, export key or ticket is in the database or the log', async () => {
  const { exportKey, ticket } = await register(auth, 'canary@chat.test', 'the canary sings at dawn')
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
