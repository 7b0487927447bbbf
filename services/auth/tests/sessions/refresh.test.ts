import { randomBytes } from 'node:crypto'
import { shardOf, WEBSOCKET_PATH } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judge } from '../../src/domain/sessions/refresh.ts'
import { hashOfToken } from '../../src/secrets/opaque-token.ts'
import { readRefreshToken } from '../../src/secrets/refresh-token.ts'
import {
  type AuthUnderTest,
  logInByPhone,
  newDevice,
  ORIGIN,
  startAuth,
} from '../auth-under-test.ts'

let auth: AuthUnderTest
let phones = 4915112350000
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const logIn = async () => {
  phones += 1
  const answer = await logInByPhone(auth, `+${phones}`)
  return { ...answer, refresh_token: answer.refresh_token ?? '' }
}
const refresh = (token: string) =>
  auth.call('POST', '/auth/refresh', { body: { refresh_token: token } })
const seconds = (count: number) => {
  auth.clock.now += count * 1000
}

describe('what happens to a presented token', () => {
  const now = new Date(1_900_000_000_000)
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)
  const fresh = { hasEnded: false, expiresAt: ago(-60), usedAt: null, refreshIn: 'body' } as const

  test.each([
    ['rotate', fresh],
    ['repeat', { ...fresh, usedAt: ago(10) }],
    ['stolen', { ...fresh, usedAt: ago(10.001) }],
    ['refuse', { ...fresh, expiresAt: now }],
    ['refuse', { ...fresh, hasEnded: true }],
    ['refuse', { ...fresh, hasEnded: true, usedAt: ago(60) }],
    ['refuse', { ...fresh, refreshIn: 'cookie' as const }],
  ])('%s', (judgement, stored) => {
    expect(judge(stored, 'body', now)).toBe(judgement)
  })
})

describe('a refresh token', () => {
  test('is replaced at each use', async () => {
    const { refresh_token: first, session_id, account_id, device_id } = await logIn()
    const answer = await refresh(first)

    expect(answer.body).toMatchObject({ session_id, account_id, device_id, created: false })
    expect(answer.body.refresh_token).toMatch(
      /^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/,
    )
    expect(answer.body.refresh_token).not.toBe(first)
    expect((await refresh(answer.body.refresh_token)).status).toBe(200)
  })

  test('works again within ten seconds, in case the answer was lost', async () => {
    const { refresh_token } = await logIn()
    const lost = await refresh(refresh_token)
    seconds(9)
    const repeated = await refresh(refresh_token)

    expect(repeated.status).toBe(200)
    expect(repeated.body.refresh_token).toBe(lost.body.refresh_token)
    expect((await refresh(repeated.body.refresh_token)).status).toBe(200)
  })

  test('used twenty times concurrently always leads to the same next token', async () => {
    const { refresh_token } = await logIn()
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refresh_token)))

    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    const next = new Set(answers.map(({ body }) => body.refresh_token))
    expect(next.size).toBe(1)
    seconds(60)
    expect((await refresh([...next][0])).status).toBe(200)
  })

  test('ends the session if it is used again later, because it was stolen', async () => {
    const { refresh_token: stolen, session_id, access_token } = await logIn()
    const honest = await refresh(stolen)
    seconds(11)

    expect((await refresh(stolen)).body).toEqual({ code: 'refresh_refused' })
    expect((await refresh(honest.body.refresh_token)).body).toEqual({ code: 'refresh_refused' })
    await expect.poll(() => auth.endedSessions).toContain(session_id)
    const sessions = await auth.call('GET', '/auth/sessions', { token: access_token })
    expect(sessions.body).toEqual({ code: 'unauthenticated' })
  })

  test('that was used many generations ago still ends the session', async () => {
    const { refresh_token: stolen } = await logIn()
    let current = stolen
    for (let round = 0; round < 5; round += 1) {
      current = (await refresh(current)).body.refresh_token
      seconds(900)
    }
    expect((await refresh(stolen)).status).toBe(401)
    expect((await refresh(current)).status).toBe(401)
  })

  test('that was never issued has no effect', async () => {
    const { refresh_token } = await logIn()

    expect((await refresh('A'.repeat(43))).body).toEqual({ code: 'refresh_refused' })
    expect((await refresh('')).body).toEqual({ code: 'refresh_refused' })
    expect((await refresh(refresh_token)).status).toBe(200)
  })

  test('expires after 90 days without use', async () => {
    const { refresh_token } = await logIn()
    const { now } = auth.clock
    seconds(90 * 86_400 + 1)
    const answer = await refresh(refresh_token)
    auth.clock.now = now

    expect(answer.body).toEqual({ code: 'refresh_refused' })
  })

  test('of the previous version continues, and the next one carries claims', async () => {
    const { session_id } = await logIn()
    const plain = randomBytes(32).toString('base64url')
    await auth.sql`
      insert into auth.refresh_tokens (hash, session_id, expires_at)
      values (${hashOfToken(plain)}, ${session_id}, ${new Date(auth.clock.now + 60_000)})`
    const { body } = await refresh(plain)

    expect(body.session_id).toBe(session_id)
    const claims = readRefreshToken(auth.config.codePepper, body.refresh_token)
    expect(claims).toMatchObject({ sessionId: session_id, generation: 1 })
  })

  test('that was used gives the previous version nothing from which to derive an unstored token', async () => {
    const { refresh_token } = await logIn()
    await refresh(refresh_token)
    const [row] = await auth.sql`
      select successor_nonce from auth.refresh_tokens where hash = ${hashOfToken(refresh_token)}`

    expect(row).toEqual({ successor_nonce: null })
  })

  test('is stored only as a hash', async () => {
    const { refresh_token } = await logIn()
    const next = (await refresh(refresh_token)).body.refresh_token
    const rows = await auth.sql`select * from auth.refresh_tokens`
    const stored = rows.map((row) => [
      Buffer.from(row.hash).toString('base64url'),
      Buffer.from(row.next_nonce ?? []).toString('base64url'),
    ])

    expect(stored.flat()).not.toContain(refresh_token)
    expect(stored.flat()).not.toContain(next)
  })
})

describe('a refresh token in a cookie', () => {
  const logInWithCookie = async () => {
    phones += 1
    const phone = `+${phones}`
    const start = await auth.call('POST', '/auth/phone/start', { body: { phone } })
    const code = await auth.codeFor(phone)
    const device = newDevice('cookie')
    return auth.call('POST', '/auth/phone/verify', {
      body: { challengeId: start.body.challengeId, code, device },
    })
  }
  const refreshBy = (cookie: string | undefined, origin?: string) =>
    auth.call('POST', '/auth/refresh', {
      body: {},
      headers: { cookie: `__Host-sotto-refresh=${cookie}`, ...(origin && { origin }) },
    })

  test('never appears in a body, at log-in and at refresh', async () => {
    const logIn = await logInWithCookie()
    const refreshed = await refreshBy(logIn.cookie, ORIGIN)

    expect(refreshed.status).toBe(200)
    expect(refreshed.cookie).toMatch(/^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/)
    for (const { text, cookie } of [logIn, refreshed]) {
      expect(text).not.toContain('refresh_token')
      expect(text).not.toContain(cookie)
    }
  })

  test("is accompanied by the account's shard, for the gateway, at every use", async () => {
    const { cookie, body } = await logInWithCookie()
    const answer = await auth.app.inject({
      method: 'POST',
      url: '/auth/refresh',
      payload: {},
      headers: { cookie: `__Host-sotto-refresh=${cookie}`, origin: ORIGIN },
    })

    expect(answer.cookies.find(({ name }) => name === 'sotto-shard')).toMatchObject({
      value: String(shardOf(body.account_id)),
      path: WEBSOCKET_PATH,
      httpOnly: true,
      sameSite: 'Strict',
    })
  })

  test('is out of reach for scripts, plain HTTP and other sites', async () => {
    const answer = await auth.app.inject({
      method: 'POST',
      url: '/auth/refresh',
      payload: {},
      headers: {
        cookie: `__Host-sotto-refresh=${(await logInWithCookie()).cookie}`,
        origin: ORIGIN,
      },
    })
    expect([answer.headers['set-cookie']].flat()[0]).toMatch(
      /^__Host-sotto-refresh=[A-Za-z0-9_.-]+; Max-Age=7776000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
  })

  test.each(['https://evil.test', 'null', undefined, 'http://chat.test', 'https://CHAT.TEST'])(
    'is rejected from a page of origin %s',
    async (origin) => {
      const { cookie } = await logInWithCookie()

      expect((await refreshBy(cookie, origin)).body).toEqual({ code: 'forbidden' })
      expect((await refreshBy(cookie, ORIGIN)).status).toBe(200)
    },
  )

  test('is rejected in a body', async () => {
    const { cookie } = await logInWithCookie()

    expect((await refresh(cookie ?? '')).body).toEqual({ code: 'refresh_refused' })
    expect((await refreshBy(cookie, ORIGIN)).status).toBe(200)
  })

  test('is cleared at log-out, which also requires our own page', async () => {
    const { cookie, body } = await logInWithCookie()
    const logOut = (origin: string) =>
      auth.app.inject({
        method: 'POST',
        url: '/auth/logout',
        headers: {
          cookie: `__Host-sotto-refresh=${cookie}`,
          authorization: `Bearer ${body.access_token}`,
          origin,
        },
      })

    expect((await logOut('https://evil.test')).statusCode).toBe(403)
    const answer = await logOut(ORIGIN)
    expect(answer.json()).toEqual({})
    expect([answer.headers['set-cookie']].flat()[0]).toMatch(/^__Host-sotto-refresh=; Max-Age=0; /)
    expect((await refreshBy(cookie, ORIGIN)).status).toBe(401)
  })
})
