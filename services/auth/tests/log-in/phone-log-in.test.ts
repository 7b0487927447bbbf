import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthUnderTest, logInByPhone, newDevice, startAuth } from '../auth-under-test.ts'

let auth: AuthUnderTest
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const start = (phone: string) => auth.call('POST', '/auth/phone/start', { body: { phone } })
const verify = (challengeId: string, code: string) =>
  auth.call('POST', '/auth/phone/verify', { body: { challengeId, code, device: newDevice() } })
const otherThan = (code: string) => (code === '000000' ? '000001' : '000000')
const accounts = () => auth.sql`select id from auth.accounts`

describe('logging in by phone', () => {
  test('creates the account when the code is proven, and not before', async () => {
    const before = await accounts()
    const { body } = await start('+49 151 1234 0001')
    expect(await accounts()).toEqual(before)

    const answer = await verify(body.challengeId, await auth.codeFor('+4915112340001'))
    expect(answer).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 900, refresh_expires_in: 7776000, created: true },
    })
    expect(await accounts()).toHaveLength(before.length + 1)
  })

  test('finds the existing account, however the number is written', async () => {
    const first = await logInByPhone(auth, '+4915112340002')
    const { body } = await start('0151 / 1234-0002')
    const again = await verify(body.challengeId, await auth.codeFor('+4915112340002'))

    expect(again.body).toMatchObject({ account_id: first.account_id, created: false })
  })

  test('creates one account if two codes for a new number are proven concurrently', async () => {
    const one = await start('+4915112340003')
    const codeOne = await auth.codeFor('+4915112340003')
    const two = await start('+4915112340003')
    const codeTwo = await auth.codeFor('+4915112340003')

    const answers = await Promise.all([
      verify(one.body.challengeId, codeOne),
      verify(two.body.challengeId, codeTwo),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(new Set(answers.map(({ body }) => body.account_id)).size).toBe(1)
  })
})

describe('a one-time code', () => {
  test('is checked at most five times, even by parallel guesses', async () => {
    const { body } = await start('+4915112340010')
    const code = await auth.codeFor('+4915112340010')
    const wrong = otherThan(code)

    const answers = await inParallel(1000, 100, () => verify(body.challengeId, wrong))
    const counts = Map.groupBy(answers, (answer) => answer.body.code)
    expect(counts.get('wrong_code')).toHaveLength(5)
    expect(counts.get('code_expired')).toHaveLength(995)
    expect((await verify(body.challengeId, code)).body).toEqual({ code: 'code_expired' })
  })

  test('reports the number of attempts left', async () => {
    const { body } = await start('+4915112340011')
    const wrong = otherThan(await auth.codeFor('+4915112340011'))

    expect((await verify(body.challengeId, wrong)).body).toEqual({
      code: 'wrong_code',
      details: { triesLeft: 4 },
    })
  })

  test('works once, even if it arrives twice at the same time', async () => {
    const { body } = await start('+4915112340012')
    const code = await auth.codeFor('+4915112340012')

    const answers = await Promise.all([1, 2, 3, 4].map(() => verify(body.challengeId, code)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410])
  })

  test('works for ten minutes', async () => {
    const { body } = await start('+4915112340013')
    const code = await auth.codeFor('+4915112340013')
    auth.clock.now += 600_001

    expect((await verify(body.challengeId, code)).body).toEqual({ code: 'code_expired' })
  })

  test('is bound to its challenge and its channel', async () => {
    const one = await start('+4915112340014')
    const code = await auth.codeFor('+4915112340014')
    const two = await start('+4915112340015')
    const codeTwo = await auth.codeFor('+4915112340015')
    const { challengeId } = one.body
    const asEmail = await auth.call('POST', '/auth/email/verify', { body: { challengeId, code } })

    expect(asEmail.body).toEqual({ code: 'code_expired' })
    const swapped = await verify(two.body.challengeId, code)
    expect(swapped.status).toBe(code === codeTwo ? 200 : 400)
    expect((await verify(randomUUID(), code)).body).toEqual({ code: 'code_expired' })
  })

  test('is neither in the database nor in the log', async () => {
    const phones = ['+4915112340016', '+4915112340017', '+4915112340018']
    const codes: string[] = []
    for (const phone of phones) {
      await start(phone)
      codes.push(await auth.codeFor(phone))
    }
    const rows = await auth.sql`
      select address, encode(code_hash, 'hex') as hash, tries from auth.challenges
      where address = any(${phones})`

    expect(rows).toHaveLength(3)
    // Six digits may occur by chance in a hash or a time, but hardly those of two codes.
    const foundIn = (text: string) => codes.filter((code) => text.includes(code)).length
    expect(foundIn(JSON.stringify(rows))).toBeLessThan(2)
    expect(foundIn(auth.logLines.join(''))).toBeLessThan(2)
    for (const phone of phones) expect(auth.logLines.join('')).not.toContain(phone.slice(3))
  })
})

test('known and unknown numbers get answers of the same form', async () => {
  await logInByPhone(auth, '+4915112340020')
  const known = await start('+4915112340020')
  const unknown = await start('+4915112340021')

  expect(Object.keys(known.body)).toEqual(Object.keys(unknown.body))
  expect(known.text.length).toBe(unknown.text.length)
  expect(known.body.expiresIn).toBe(unknown.body.expiresIn)
})

async function inParallel<T>(total: number, width: number, act: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let started = 0
  const worker = async () => {
    while (started < total) {
      started += 1
      results.push(await act())
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}
