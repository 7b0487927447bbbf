import { createMetrics } from '@sotto/service-runtime'
import { expect, test } from 'vitest'
import { logInByPhone, newDevice, startAuth } from '../auth-under-test.ts'
import { askForCode } from './ask-for-code.ts'

const usedUp = { code: 'sms_used_up', details: { retryAfterSeconds: expect.any(Number) } }

test.each([
  ['an hour', { smsPerHour: 5 }, 'smsHourly'],
  ['a day', { smsPerDay: 5 }, 'smsDaily'],
])(
  'strangers can make the server send a limited number of SMS in %s, and owners can still log in',
  async (_, budget, limit) => {
    const metrics = createMetrics()
    await using auth = await startAuth({ limitFactor: 1, ...budget }, { metrics })
    const { known_device: known } = await logInByPhone(
      auth,
      '+4915112370030',
      newDevice(),
      '203.0.113.5',
    )
    const from = (n: number) => askForCode(auth, `+4915112371${100 + n}`, `198.51.${n}.1`)
    for (let n = 0; n < 4; n += 1) expect((await from(n)).status).toBe(200)

    const refusal = await from(4)
    expect(refusal).toMatchObject({ status: 429, body: usedUp })
    expect(Number(refusal.headers['retry-after'])).toBe(refusal.body.details.retryAfterSeconds)
    expect((await from(5)).body).toEqual(usedUp)
    expect((await askForCode(auth, '+4915112370030', '192.0.2.1', known)).status).toBe(200)
    expect((await askForCode(auth, '+4915112370030', '203.0.113.9')).status).toBe(200)
    const byMail = { body: { email: 'alice@chat.test' }, ip: '192.0.2.2' }
    expect((await auth.call('POST', '/auth/email/start', byMail)).status).toBe(200)
    // Logged once, however often it is requested.
    expect(auth.logLines.filter((line) => line.includes('SMS budget'))).toHaveLength(1)
    expect(await metrics.read()).toContain(`sotto_rate_limited_total{limit="${limit}"} 2`)
  },
)

test('the owner of a number who logs in repeatedly can use up a limited number of SMS', async () => {
  await using auth = await startAuth({ limitFactor: 1, smsPerDay: 8 })
  const phone = '+4915112370031'
  let sent = 0
  let known: string | undefined
  for (let n = 0; n < 30; n += 1) {
    const answer = await askForCode(auth, phone, `192.0.${n}.1`, known)
    if (answer.status !== 200) break
    sent += 1
    const code = await auth.codeFor(phone)
    const body = { challengeId: answer.body.challengeId, code, device: newDevice() }
    const proof = await auth.call('POST', '/auth/phone/verify', { body, ip: `192.0.${n}.1` })
    known = proof.body.known_device
  }

  expect(sent).toBe(9)
  expect((await askForCode(auth, phone, '192.0.99.1', known)).body).toEqual(usedUp)
  expect((await askForCode(auth, '+4915112370032', '192.0.98.1')).status).toBe(200)
})

test('a number that is not served gets no code, and nothing is counted for it', async () => {
  await using auth = await startAuth({ limitFactor: 1, phonePrefixes: ['+49'], smsPerDay: 1 })
  for (const phone of ['+43 664 1234567', '+1 900 555 1234']) {
    const answer = await askForCode(auth, phone)
    expect(answer).toMatchObject({ status: 403, body: { code: 'phone_not_served' } })
  }
  expect((await askForCode(auth, '+4915112370040')).status).toBe(200)
})
