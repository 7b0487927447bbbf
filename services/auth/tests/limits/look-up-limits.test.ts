import { expect, test } from 'vitest'
import { authLimits } from '../../src/limits.ts'
import { type AuthUnderTest, logInByPhone, startAuth } from '../auth-under-test.ts'
import { limited } from './ask-for-code.ts'

/** Looks up people without an account until that is refused. Returns how many were looked up. */
async function lookUpAll(auth: AuthUnderTest, token: string, ip: string): Promise<number> {
  for (let n = 0; ; n += 1) {
    const body = { email: `person${n}@chat.test` }
    const answer = await auth.call('POST', '/auth/lookup', { token, body, ip })
    if (answer.status === 404) continue
    expect(answer.body).toEqual(limited)
    return n
  }
}

test('an account can look up a limited number of people, and few while it is young', async () => {
  await using auth = await startAuth({ limitFactor: 1 })
  const { access_token: token } = await logInByPhone(auth, '+4915112370010')
  expect(await lookUpAll(auth, token, '192.0.2.1')).toBe(authLimits.lookUpByYoungAccount.points)

  await auth.sql`update auth.accounts set created_at = created_at - interval '8 days'`
  expect(await lookUpAll(auth, token, '192.0.2.1')).toBe(authLimits.lookUpByAccount.points)
})

test('many young accounts in one network, or everywhere, share a limit of look-ups', async () => {
  await using auth = await startAuth({ limitFactor: 1, lookUpsPerDay: 115 })
  const counts: number[] = []
  for (let n = 0; n < 13; n += 1) {
    const { access_token } = await logInByPhone(auth, `+49151123704${10 + n}`)
    counts.push(await lookUpAll(auth, access_token, n < 11 ? '192.0.2.1' : `192.0.2.${n}`))
  }
  const { points } = authLimits.lookUpByYoungAccount
  const { points: ofNetwork } = authLimits.lookUpByNetwork

  expect(counts.slice(0, 11).reduce((sum, count) => sum + count)).toBe(ofNetwork)
  expect(counts.slice(11)).toEqual([points, 115 - ofNetwork - points])
})
