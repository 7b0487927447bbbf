import { afterEach, describe, expect, test } from 'vitest'
import {
  type AuthUnderTest,
  logInByPhone,
  newDevice,
  proveLogIn,
  startAuth,
} from '../auth-under-test.ts'

const DAY_MS = 86_400_000
const NEVER_MADE = 'A'.repeat(32)

let auth: AuthUnderTest
afterEach(() => auth[Symbol.asyncDispose]())

const start = (phone: string, invitation?: string) =>
  auth.call('POST', '/auth/phone/start', { body: { phone, ...(invitation && { invitation }) } })
const verify = (challengeId: string, code: string, invitation?: string) =>
  auth.call('POST', '/auth/phone/verify', {
    body: { challengeId, code, device: newDevice(), ...(invitation && { invitation }) },
  })
const invite = async (token: string, wanted = { uses: 1, days: 7 }) =>
  auth.call('POST', '/auth/invitations', { token, body: wanted })
const accounts = async () => (await auth.sql`select id from auth.accounts`).length

/** Signs up from start to finish with an invitation. */
async function signUp(phone: string, invitation: string) {
  const { body } = await start(phone, invitation)
  return verify(body.challengeId, await auth.codeFor(phone), invitation)
}

/** A server with one member that no longer accepts sign-ups without an invitation. */
async function startWithMember(signUp: 'invitation' | 'closed', membersInvite = true) {
  const config = { signUp: 'open' as const, membersInvite }
  auth = await startAuth(config)
  const member = await logInByPhone(auth, '+4915112350001')
  // The same database and codes after a restart with another setting.
  auth = await auth.restartWith({ signUp })
  return member.access_token
}

describe('if sign-up requires an invitation', () => {
  test('a number without an account gets no code, and the answer does not reveal it', async () => {
    await startWithMember('invitation')
    const unknown = await start('+4915112350002')
    const known = await start('+4915112350001')

    expect(unknown).toMatchObject({ status: 200, body: { expiresIn: 600 } })
    expect(Object.keys(unknown.body)).toEqual(Object.keys(known.body))
    const code = await auth.codeFor('+4915112350001')
    expect(await verify(known.body.challengeId, code)).toMatchObject({
      status: 200,
      body: { created: false },
    })
    expect(auth.sent.map(({ address }) => address)).not.toContain('+4915112350002')
    expect((await verify(unknown.body.challengeId, '000000')).body).toMatchObject({
      code: 'wrong_code',
    })
  })

  test('an invitation creates as many accounts as it allows', async () => {
    const token = await startWithMember('invitation')
    const { body } = await invite(token, { uses: 2, days: 7 })
    expect((await signUp('+4915112350003', body.invitation)).body).toMatchObject({ created: true })
    expect((await signUp('+4915112350004', body.invitation)).body).toMatchObject({ created: true })

    const third = await start('+4915112350005', body.invitation)
    expect(third).toMatchObject({ status: 403, body: { code: 'invitation_refused' } })
    expect(await accounts()).toBe(3)
  })

  test('two people who use the last invitation concurrently create one account', async () => {
    const token = await startWithMember('invitation')
    const { invitation } = (await invite(token)).body
    const phones = ['+4915112350006', '+4915112350007']
    const proofs = await Promise.all(
      phones.map(async (phone) => {
        const { challengeId } = (await start(phone, invitation)).body
        return { challengeId, code: await auth.codeFor(phone) }
      }),
    )
    const answers = await Promise.all(
      proofs.map(({ challengeId, code }) => verify(challengeId, code, invitation)),
    )

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
    expect(await accounts()).toBe(2)
  })

  test('a person who was too late continues with another invitation and the same code', async () => {
    const token = await startWithMember('invitation')
    const [first, second] = [(await invite(token)).body, (await invite(token)).body]
    const { challengeId } = (await start('+4915112350008', first.invitation)).body
    const code = await auth.codeFor('+4915112350008')
    await auth.call('DELETE', `/auth/invitations/${first.invitationId}`, { token })

    const refused = await verify(challengeId, code, first.invitation)
    expect(refused).toMatchObject({ status: 403, body: { code: 'invitation_refused' } })
    const made = await verify(challengeId, code, second.invitation)
    expect(made).toMatchObject({ status: 200, body: { created: true } })
  })

  test('an existing member does not use up an invitation', async () => {
    const token = await startWithMember('invitation')
    const { invitation } = (await invite(token)).body
    expect((await signUp('+4915112350001', invitation)).body).toMatchObject({ created: false })
    expect((await signUp('+4915112350009', invitation)).body).toMatchObject({ created: true })
  })

  test('an invitation expires', async () => {
    const token = await startWithMember('invitation')
    const { invitation, expiresAt } = (await invite(token, { uses: 1, days: 1 })).body
    expect(expiresAt).toBe(auth.clock.now + DAY_MS)
    const check = () => auth.call('POST', '/auth/invitations/check', { body: { invitation } })
    expect((await check()).body).toEqual({ expiresAt })

    auth.clock.now += DAY_MS
    expect((await check()).body).toEqual({ code: 'invitation_refused' })
  })

  test('an unknown invitation is refused', async () => {
    await startWithMember('invitation')
    expect((await start('+4915112350010', NEVER_MADE)).body).toEqual({ code: 'invitation_refused' })
  })

  test('proving an address and setting a password require an invitation', async () => {
    const token = await startWithMember('invitation')
    const { invitation, invitationId } = (await invite(token)).body
    const email = 'new@chat.test'
    const { body } = await auth.call('POST', '/auth/email/start', { body: { email, invitation } })
    const { challengeId } = body
    const code = await auth.codeFor(email)
    const prove = (shown?: string) =>
      auth.call('POST', '/auth/email/verify', {
        body: { challengeId, code, ...(shown && { invitation: shown }) },
      })

    expect((await prove()).body).toEqual({ code: 'invitation_refused' })
    expect(await prove(invitation)).toMatchObject({ status: 200, body: { isNew: true } })
    const list = async () => (await auth.call('GET', '/auth/invitations', { token })).body
    expect(await list()).toMatchObject({ invitations: [{ invitationId, usesLeft: 1 }] })
  })
})

describe('if sign-up is closed', () => {
  test('only existing members get a code', async () => {
    await startWithMember('closed')
    const asked = await start('+4915112350011')
    expect(asked.status).toBe(200)
    const known = await start('+4915112350001')
    await auth.codeFor('+4915112350001')
    expect(known.status).toBe(200)
    expect(auth.sent).toEqual([])
  })

  test('no one may invite', async () => {
    const token = await startWithMember('closed')
    expect(await invite(token)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect((await auth.call('GET', '/auth/sign-up')).body).toEqual({
      signUp: 'closed',
      membersInvite: false,
    })
  })
})

describe('members who may invite', () => {
  test('see their own valid invitations and revoke them', async () => {
    const token = await startWithMember('invitation')
    const { invitation, ...entry } = (await invite(token, { uses: 3, days: 2 })).body
    const { body: invited } = await signUp('+4915112350012', invitation)
    expect(await proveLogIn(auth, invited)).toBe(true)
    const other = invited.access_token
    const list = async (token: string) =>
      (await auth.call('GET', '/auth/invitations', { token })).body.invitations

    expect(await list(token)).toEqual([{ ...entry, usesLeft: 2 }])
    expect(await list(other)).toEqual([])
    const remove = (token: string) =>
      auth.call('DELETE', `/auth/invitations/${entry.invitationId}`, { token })
    expect((await remove(other)).body).toEqual({ code: 'invitation_not_found' })
    expect((await remove(token)).status).toBe(200)
    expect(await list(token)).toEqual([])
    expect((await start('+4915112350013', invitation)).body.code).toBe('invitation_refused')
  })

  test('may not if the operator has not allowed it', async () => {
    const token = await startWithMember('invitation', false)
    expect(await invite(token)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })

  test.each([
    { uses: 0, days: 1 },
    { uses: 101, days: 1 },
    { uses: 1, days: 0 },
    { uses: 1, days: 91 },
    { uses: 1.5, days: 1 },
    { uses: 1 },
  ])('cannot request %j', async (wanted) => {
    const token = await startWithMember('invitation')
    const asked = await auth.call('POST', '/auth/invitations', { token, body: wanted })
    expect(asked).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  })

  test('have at most fifty valid invitations', async () => {
    const token = await startWithMember('invitation')
    const answers = await Promise.all(Array.from({ length: 52 }, () => invite(token)))
    const codes = answers.map(({ status, body }) => (status === 200 ? 'made' : body.code))
    expect(codes.filter((code) => code === 'made')).toHaveLength(50)
    expect(codes.filter((code) => code === 'too_many')).toHaveLength(2)
  })
})

test('the token of an invitation is neither in the database nor in the log', async () => {
  const token = await startWithMember('invitation')
  const { invitation } = (await invite(token)).body
  await signUp('+4915112350014', invitation)
  const rows = await auth.sql`select i::text as row from auth.invitations i`
  expect(JSON.stringify(rows)).not.toContain(invitation)
  expect(auth.logLines.join('')).not.toContain(invitation)
})
