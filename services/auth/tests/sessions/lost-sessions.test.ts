import { randomUUID } from 'node:crypto'
import type { TokenAnswer } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isLost } from '../../src/domain/sessions/lost-session.ts'
import { makeServerText } from '../../src/secrets/server-text.ts'
import { type AuthUnderTest, logInByPhone, newDevice, startAuth } from '../auth-under-test.ts'

const DAY = 86_400_000
const TABLES = ['accounts', 'sessions', 'refresh_tokens']

let auth: AuthUnderTest
let phones = 4915112360000
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

type Tokens = TokenAnswer & { refresh_token: string }

async function logIn(device = newDevice()): Promise<Tokens> {
  phones += 1
  return withToken(await logInByPhone(auth, `+${phones}`, device))
}
const again = async (device: ReturnType<typeof newDevice>) =>
  withToken(await logInByPhone(auth, `+${phones}`, device))
const withToken = (answer: TokenAnswer) => ({
  ...answer,
  refresh_token: answer.refresh_token ?? '',
})

const refresh = (token: string) =>
  auth.call('POST', '/auth/refresh', { body: { refresh_token: token } })

/** Refreshes a session this many times; returns the last token. */
async function goOn(token: string, times: number): Promise<string> {
  let latest = token
  for (let n = 0; n < times; n += 1) {
    auth.clock.now += 900_000
    latest = (await refresh(latest)).body.refresh_token
  }
  return latest
}

/** Takes a backup of the service's data; returns a function that restores it. */
async function backUp(): Promise<() => Promise<void>> {
  const name = `backup_${randomUUID().replaceAll('-', '')}`
  for (const table of TABLES) {
    await auth.sql`
      create table ${auth.sql(`${name}_${table}`)} as table ${auth.sql(`auth.${table}`)}`
  }
  return async () => {
    await auth.sql`truncate auth.accounts cascade`
    for (const table of TABLES) {
      await auth.sql`
        insert into ${auth.sql(`auth.${table}`)} table ${auth.sql(`${name}_${table}`)}`
    }
  }
}

async function challengeFor(token: string): Promise<string | undefined> {
  const { status, body } = await refresh(token)
  expect([status, body.code]).toEqual([401, 'refresh_refused'])
  return body.details?.challenge
}

const prove = ({ account_id, device_id }: TokenAnswer, challenge: string | undefined) =>
  auth.service.resumeSession({
    challenge: challenge ?? 'none.none',
    accountId: account_id,
    deviceId: device_id,
  })

describe('whether the database has lost an unknown token', () => {
  const now = 1_900_000_000_000
  const token = { generation: 3, issuedAt: now - 1_000 }
  const session = { hasEnded: false, generation: 2 }
  const known = { hasAccount: true, session, hasLaterSession: false }

  test.each([
    ['of a later generation than any in the database', true, {}, {}],
    ['of a later generation, however long ago', true, { issuedAt: now - 80 * DAY }, {}],
    ['of an unknown session', true, {}, { session: undefined }],
    ['of an earlier generation, which would be remembered', true, { generation: 1 }, {}],
    [
      'that was used so long ago that it is forgotten',
      false,
      { generation: 1, issuedAt: now - 14 * DAY },
      {},
    ],
    ['of an ended session', false, {}, { session: { ...session, hasEnded: true } }],
    ['of an unknown account', false, {}, { hasAccount: false, session: undefined }],
    ['of a device that has logged in again', false, {}, { hasLaterSession: true }],
    ['that is too old', false, { issuedAt: now - 90 * DAY }, { session: undefined }],
  ])('%s: %s', (_, expected, claims, knowledge) => {
    expect(isLost({ ...token, ...claims }, { ...known, ...knowledge }, now)).toBe(expected)
  })
})

describe('after a restore', () => {
  test('a session continues unchanged for a device that proves itself', async () => {
    const tokens = await logIn()
    const restore = await backUp()
    const latest = await goOn(tokens.refresh_token, 3)
    await restore()

    const challenge = await challengeFor(latest)
    expect(await prove(tokens, challenge)).toBe(true)
    // The answer may have been lost.
    expect(await prove(tokens, challenge)).toBe(true)

    const next = await refresh(latest)
    expect(next.body).toMatchObject({ session_id: tokens.session_id, created: false })
    expect((await refresh(latest)).body.refresh_token).toBe(next.body.refresh_token)
    expect((await refresh(next.body.refresh_token)).status).toBe(200)
  })

  test('a token alone is no proof, however often it is presented', async () => {
    const tokens = await logIn()
    const restore = await backUp()
    const latest = await goOn(tokens.refresh_token, 2)
    await restore()

    expect(await challengeFor(latest)).toBeDefined()
    expect(await challengeFor(latest)).toBeDefined()
    // The token from the backup still works: presenting the other one has ended nothing.
    expect((await refresh(tokens.refresh_token)).status).toBe(200)
  })

  test("a session that began after the backup returns and replaces the device's earlier one", async () => {
    const device = newDevice()
    const former = await logIn(device)
    const restore = await backUp()
    auth.clock.now += 1_000
    const tokens = await again(device)
    await restore()

    expect(await prove(tokens, await challengeFor(tokens.refresh_token))).toBe(true)
    expect((await refresh(tokens.refresh_token)).body.session_id).toBe(tokens.session_id)
    expect((await refresh(former.refresh_token)).status).toBe(401)
    await expect.poll(() => auth.endedSessions).toContain(former.session_id)
  })

  test('a thief with an old token loses it when the device returns', async () => {
    const tokens = await logIn()
    const restore = await backUp()
    const latest = await goOn(tokens.refresh_token, 2)
    await restore()
    const stolen = await goOn(tokens.refresh_token, 5)

    expect(await prove(tokens, await challengeFor(latest))).toBe(true)
    // It is refused, and does not count as a theft that would end the owner's session.
    for (const token of [stolen, tokens.refresh_token]) await challengeFor(token)
    expect((await refresh(latest)).status).toBe(200)
  })

  test('a thief who uses a token at the moment when the device returns loses it as well', async () => {
    const tokens = await logIn()
    const restore = await backUp()
    const latest = await goOn(tokens.refresh_token, 2)
    await restore()
    const challenge = await challengeFor(latest)
    const use = () => refresh(tokens.refresh_token)

    const [proven, ...stolen] = await Promise.all([
      prove(tokens, challenge),
      ...Array.from({ length: 8 }, use),
    ])

    expect(proven).toBe(true)
    for (const { status, body } of stolen) {
      if (status === 200) await challengeFor(body.refresh_token)
    }
    expect((await refresh(latest)).status).toBe(200)
  })

  test('sessions that were ended on purpose and tokens from elsewhere do not count as lost', async () => {
    const tokens = await logIn()
    const other = await logIn()
    const ended = await goOn(other.refresh_token, 1)
    const restore = await backUp()
    const latest = await goOn(tokens.refresh_token, 1)
    const { access_token: token } = (await refresh(ended)).body
    await restore()
    await auth.sql`update auth.sessions set ended_at = now() where id = ${other.session_id}`

    expect(token).toBeDefined()
    expect(await challengeFor(ended)).toBeUndefined()
    const [secret = '', claims = '', mac = ''] = latest.split('.')
    const { codePepper } = auth.config
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const purpose = `refresh token\0${secret}`
    for (const forged of [
      `${secret}.${claims}`,
      `${secret}.${claims}.${mac.slice(1)}`,
      `${'A'.repeat(43)}.${claims}.${mac}`,
      `${secret}.${makeServerText('another pepper', purpose, read)}`,
      `${secret}.${makeServerText(codePepper, purpose, { ...read, more: 1 })}`,
    ]) {
      expect(await challengeFor(forged)).toBeUndefined()
    }
    const cookie = await auth.call('POST', '/auth/refresh', {
      body: {},
      headers: { cookie: `__Host-sotto-refresh=${latest}`, origin: 'https://chat.test' },
    })
    expect(cookie.body, 'a token for the body').toEqual({ code: 'refresh_refused' })
  })

  test('a device that has logged in again does not return under its former session', async () => {
    const device = newDevice()
    const tokens = await logIn(device)
    const restore = await backUp()
    const latest = await goOn(tokens.refresh_token, 1)
    await restore()
    const challenge = await challengeFor(latest)
    auth.clock.now += 1_000
    const later = await again(device)

    expect(await challengeFor(latest)).toBeUndefined()
    expect(await prove(tokens, challenge)).toBe(false)
    expect((await refresh(later.refresh_token)).status).toBe(200)
  })

  test('a challenge is valid for one device and ten minutes, and cannot be forged', async () => {
    const tokens = await logIn()
    const stranger = await logIn()
    const restore = await backUp()
    const latest = await goOn(tokens.refresh_token, 1)
    await restore()
    const challenge = await challengeFor(latest)

    expect(await prove({ ...tokens, account_id: stranger.account_id }, challenge)).toBe(false)
    expect(await prove({ ...tokens, device_id: stranger.device_id }, challenge)).toBe(false)
    expect(
      await prove(tokens, `${challenge?.slice(0, -1)}${challenge?.endsWith('A') ? 'B' : 'A'}`),
    ).toBe(false)
    expect(await prove(tokens, undefined)).toBe(false)
    auth.clock.now += 10 * 60_000
    expect(await prove(tokens, challenge)).toBe(false)
    expect(await challengeFor(latest)).toBeDefined()
  })

  test('an account that is not in the backup is not recreated', async () => {
    const restore = await backUp()
    const tokens = await logIn()
    await restore()

    expect(await challengeFor(tokens.refresh_token)).toBeUndefined()
  })
})
