import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthUnderTest, newDevice, startAuth } from '../auth-under-test.ts'
import hostile from '../vectors/hostile-strings.json' with { type: 'json' }

describe('hostile strings', () => {
  let auth: AuthUnderTest
  beforeAll(async () => {
    auth = await startAuth()
  })
  afterAll(() => auth[Symbol.asyncDispose]())
  const of = (category: string) => hostile.cases.filter(({ cat }) => cat === category)

  test.each(of('identity'))('$id has a canonical form or is rejected', async ({ s }) => {
    for (const channel of ['phone', 'email'] as const) {
      const answer = await auth.call('POST', `/auth/${channel}/start`, { body: { [channel]: s } })
      if (answer.status === 200) {
        const [row] = await auth.sql`
          select address from auth.challenges where id = ${answer.body.challengeId}`
        expect(row?.address).toMatch(
          channel === 'phone' ? /^\+[0-9]{7,15}$/ : /^[!-~]+@[a-z0-9.-]+$/,
        )
      } else {
        expect(answer.status).toBe(400)
        expect(answer.body.code).toMatch(/^invalid_(request|phone|email)$/)
      }
    }
  })

  test.each(of('otp'))('$id is not a code', async ({ s }) => {
    const { body } = await auth.call('POST', '/auth/phone/start', {
      body: { phone: '+4915112349999' },
    })
    const sent = await auth.codeFor('+4915112349999')
    const answer = await auth.call('POST', '/auth/phone/verify', {
      body: { challengeId: body.challengeId, code: s, device: newDevice() },
    })

    expect(answer.status).toBe(sent === s ? 200 : 400)
  })

  test.each(of('header'))('$id as a header is rejected or ignored', async ({ s }) => {
    const value = (s ?? '').replace(/[\r\n]/g, ' ')
    for (const name of [
      'origin',
      'x-forwarded-for',
      'forwarded',
      'cookie',
      'host',
      'authorization',
    ]) {
      const answer = await auth.app.inject({
        method: 'POST',
        url: '/auth/refresh',
        payload: {},
        headers: { cookie: '__Host-sotto-refresh=x', [name]: value },
      })
      // 200: the header replaced the cookie, and there is no session.
      expect([200, 400, 401, 403]).toContain(answer.statusCode)
      expect(answer.body).not.toContain('token')
      expect(answer.headers).not.toHaveProperty('x-injected')
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })
})
