import { createPublicKey, verify } from 'node:crypto'
import { signWritten } from '@sotto/crypto'
import * as password from '@sotto/sdk/password'
import { authRequests, ChallengeId, chatRequests, writtenWrap } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { RawDevice } from '../../raw/raw-device.ts'
import { refusalOf, request, type ServerUnderTest } from '../../raw/raw-server.ts'
import type { ServerStage } from '../server-stage.ts'

const PASSWORD = 'a long password that is never guessed'

/** Codes, passwords, tokens and sessions. */
export const loggingIn: Subject<ServerStage> = {
  title: 'Logging in',
  cases: [
    {
      name: 'the open channels are listed',
      section: '§10.2',
      async run({ alice }) {
        const { channels } = await alice.call(authRequests.listChannels, {})
        expect(channels).toContain('phone')
      },
    },
    {
      name: 'a text that is not a phone number is refused',
      section: '§10.1',
      async run({ alice }) {
        for (const phone of ['nobody', '+49', '+4915112345678901234']) {
          const { code } = await alice.refusal(authRequests.startPhone, { body: { phone } })
          expect(code).toBe('invalid_phone')
        }
      },
    },
    {
      name: 'different spellings of a number are the same number',
      section: '§10.1',
      async run({ server, carol }) {
        const { phone } = carol.account
        const written = `00 ${phone.slice(1, 3)} (${phone.slice(3, 6)}) ${phone.slice(6)}`
        const device = await RawDevice.create(server)
        const { challengeId } = await device.call(authRequests.startPhone, {
          body: { phone: written },
        })
        const code = await server.codeFor(phone)
        const body = { challengeId, code, device: loginDevice(device) }
        const tokens = await device.call(authRequests.verifyPhone, { body })
        expect(tokens).toMatchObject({ account_id: carol.accountId, created: false })
      },
    },
    {
      name: 'a wrong code says how many tries are left, and the right one works once',
      section: '§10.1, §16',
      async run({ server }) {
        const { device, body, wrong } = await startByPhone(server)
        expect(await device.refusal(authRequests.verifyPhone, { body: wrong })).toEqual({
          code: 'wrong_code',
          details: { triesLeft: 4 },
        })
        const tokens = await device.call(authRequests.verifyPhone, { body })
        expect(tokens).toMatchObject({ created: true, device_id: device.deviceId })
        const again = await device.refusal(authRequests.verifyPhone, { body })
        expect(again.code).toBe('code_expired')
      },
    },
    {
      name: 'a challenge expires after five wrong codes',
      section: '§17',
      async run({ server }) {
        const { device, body, wrong } = await startByPhone(server)
        for (const triesLeft of [4, 3, 2, 1, 0]) {
          const { details } = await device.refusal(authRequests.verifyPhone, { body: wrong })
          expect(details).toEqual({ triesLeft })
        }
        expect((await device.refusal(authRequests.verifyPhone, { body })).code).toBe('code_expired')
      },
    },
    {
      name: 'an unknown challenge looks like an expired one',
      section: '§16',
      async run({ server }) {
        const device = await RawDevice.create(server)
        const challengeId = ChallengeId.parse(crypto.randomUUID())
        const body = { challengeId, code: '123456', device: loginDevice(device) }
        const { code } = await device.refusal(authRequests.verifyPhone, { body })
        expect(code).toBe('code_expired')
      },
    },
    {
      name: 'an access token is a JWT for this session, and the published key verifies it',
      section: '§10.4',
      async run({ alice }) {
        const { access_token: token, expires_in: lifetime, session_id: sid } = alice.tokens
        const { keys } = await alice.call(authRequests.jwks, {})
        const [header = '', claims = '', signature = ''] = token.split('.')
        const { typ, alg, kid } = decode(header)
        expect({ typ, alg }).toEqual({ typ: 'at+jwt', alg: 'EdDSA' })
        const jwk = keys.find((one) => one.kid === kid)
        const key = createPublicKey({ key: jwk ?? {}, format: 'jwk' })
        const signed = Buffer.from(`${header}.${claims}`)
        expect(verify(null, signed, key, Buffer.from(signature, 'base64url'))).toBe(true)
        const { accountId: sub, deviceId: did } = alice
        const { exp, iat, ...payload } = decode(claims)
        expect(payload).toMatchObject({ sub, did, sid })
        expect(Number(exp) - Number(iat)).toBe(lifetime)
      },
    },
    {
      name: 'a refresh gives a new token, and can be repeated for ten seconds after a lost answer',
      section: '§10.4',
      async run({ server, carol }) {
        const device = await loggedIn(server, carol.account.phone)
        const refresh_token = device.tokens.refresh_token ?? ''
        const next = await refresh(device, refresh_token)
        expect(next.refresh_token).not.toBe(refresh_token)
        const repeated = await refresh(device, refresh_token)
        expect(repeated.refresh_token).toBe(next.refresh_token)
        const after = await refresh(device, next.refresh_token ?? '')
        expect(after).toMatchObject({ session_id: device.tokens.session_id })
      },
    },
    {
      name: 'without a refresh token there is no session, and an unknown one is refused',
      section: '§10.4',
      async run({ alice }) {
        expect(await alice.call(authRequests.refresh, { body: {} })).toEqual({ session: null })
        const body = { refresh_token: 'A'.repeat(43) }
        expect((await alice.refusal(authRequests.refresh, { body })).code).toBe('refresh_refused')
      },
    },
    {
      name: 'log-out ends this session and no other',
      section: '§10.8',
      async run({ server, carol }) {
        const device = await loggedIn(server, carol.account.phone)
        const { refresh_token = '' } = device.tokens
        await device.call(authRequests.logOut, {})
        const body = { refresh_token }
        expect((await device.refusal(authRequests.refresh, { body })).code).toBe('refresh_refused')
        expect((await device.refusal(authRequests.ownAccount, {})).code).toBe('unauthenticated')
        await carol.call(authRequests.ownAccount, {})
      },
    },
    {
      name: 'sessions are listed, and one is ended from another device',
      section: '§11.1',
      async run({ server, carol }) {
        const device = await loggedIn(server, carol.account.phone)
        const { session_id: sessionId, refresh_token = '' } = device.tokens
        const { sessions } = await carol.call(authRequests.listSessions, {})
        const current = sessions.filter((one) => one.current).map((one) => one.sessionId)
        expect(current).toEqual([carol.tokens.session_id])
        expect(sessions.map((one) => one.sessionId)).toContain(sessionId)
        await carol.call(authRequests.endSession, { params: { sessionId } })
        const body = { refresh_token }
        expect((await device.refusal(authRequests.refresh, { body })).code).toBe('refresh_refused')
        const again = await carol.refusal(authRequests.endSession, { params: { sessionId } })
        expect(again.code).toBe('session_not_found')
      },
    },
    {
      name: 'the session of another account is not found, and continues',
      section: '§11.1',
      async run({ alice, bob }) {
        const params = { sessionId: bob.tokens.session_id }
        const { code } = await alice.refusal(authRequests.endSession, { params })
        expect(code).toBe('session_not_found')
        await bob.call(authRequests.ownAccount, {})
      },
    },
    {
      name: 'a person is found by their exact number, unless they do not want to be',
      section: '§11.1',
      async run({ alice, carol }) {
        const body = { phone: carol.account.phone }
        await carol.call(authRequests.setFindable, { body: { findable: true } })
        expect(await alice.call(authRequests.lookUp, { body })).toEqual({
          accountId: carol.accountId,
        })
        await carol.call(authRequests.setFindable, { body: { findable: false } })
        const hidden = await alice.refusal(authRequests.lookUp, { body })
        await carol.call(authRequests.setFindable, { body: { findable: true } })
        const unknown = await alice.refusal(authRequests.lookUp, {
          body: { phone: '+491510000' },
        })
        expect([hidden.code, unknown.code]).toEqual(['account_not_found', 'account_not_found'])
      },
    },
    {
      name: 'wraps are replaced one by one and all together',
      section: '§11.1',
      async run({ carol }) {
        const before = await carol.call(authRequests.listWraps, {})
        const wrap = { kind: 'password', ciphertext: 'A'.repeat(80) } as const
        const { kind, ciphertext } = wrap
        const write = await carol.account.write(writtenWrap(wrap), before.version + 1)
        const put = { params: { kind }, body: { ciphertext, write } }
        await carol.call(chatRequests.putWrap, put)
        // Repeating it is the retry of a lost answer.
        await carol.call(chatRequests.putWrap, put)
        const { wraps, version } = await carol.call(authRequests.listWraps, {})
        expect(version).toBe(before.version + 1)
        expect(wraps).toHaveLength(before.wraps.length + 1)
        expect(wraps).toContainEqual(wrap)
        await carol.replaceWraps(before.wraps)
        const after = await carol.call(authRequests.listWraps, {})
        expect(after).toEqual({ version: version + 1, wraps: before.wraps })
      },
    },
    {
      name: "a wrap is accepted only with the owner's signature, for the next version",
      section: '§3.7',
      async run({ carol, alice }) {
        const { version } = await carol.call(authRequests.listWraps, {})
        const wrap = { kind: 'password', ciphertext: 'B'.repeat(80) } as const
        const written = writtenWrap(wrap)
        const other = writtenWrap({ ...wrap, ciphertext: 'C'.repeat(80) })
        const refusal = (write: string) => {
          const { kind, ciphertext } = wrap
          const sent = { params: { kind }, body: { ciphertext, write } }
          return carol.refusal(chatRequests.putWrap, sent)
        }
        const { account } = carol
        const otherKey = await signWritten(
          alice.account.keys.identity,
          account.accountId,
          written,
          version + 1,
        )
        const wrong = [otherKey, await account.write(other, version + 1)]
        for (const write of wrong) expect(await refusal(write)).toEqual({ code: 'bad_signature' })
        const stale = { code: 'stale_version', details: { currentVersion: version } }
        for (const next of [version, version + 2].filter((one) => one > 0)) {
          expect(await refusal(await account.write(written, next))).toEqual(stale)
        }
      },
    },
    {
      name: 'an address and a password create an account, and log in to it again',
      section: '§10.2, §10.3',
      needs: ['email'],
      async run({ server }) {
        const email = `dora-${crypto.randomUUID()}@example.org`
        const device = await RawDevice.create(server)
        const { ticket, accountId } = await proveEmail(device, email)
        const tokens = await register(device, ticket)
        expect(tokens).toMatchObject({ account_id: accountId, created: true })
        const reused = await device.refusal(authRequests.startRegistration, {
          body: { ticket, registrationRequest: 'A'.repeat(43) },
        })
        expect(reused.code).toBe('ticket_expired')

        const other = await RawDevice.create(server)
        expect(await logIn(other, email, PASSWORD)).toMatchObject({ account_id: accountId })
        expect(await logIn(other, email, `${PASSWORD}!`)).toBe(null)
        expect(await logIn(other, 'nobody@example.org', PASSWORD)).toBe(null)
      },
    },
    {
      name: 'a forged third message of a log-in is refused',
      section: '§10.3',
      needs: ['email'],
      async run({ server }) {
        const device = await RawDevice.create(server)
        const { startLoginRequest } = await password.startLogin(PASSWORD)
        const { loginId } = await device.call(authRequests.startLogin, {
          body: { email: 'nobody@example.org', startLoginRequest },
        })
        const finishLoginRequest = 'A'.repeat(86)
        const body = { loginId, finishLoginRequest, device: loginDevice(device) }
        const { code } = await device.refusal(authRequests.finishLogin, { body })
        expect(code).toBe('wrong_credentials')
      },
    },
    {
      name: 'a text that is not an address is refused',
      section: '§16',
      needs: ['email'],
      async run({ alice }) {
        const body = { email: 'nobody at example' }
        expect((await alice.refusal(authRequests.startEmail, { body })).code).toBe('invalid_email')
      },
    },
    {
      name: 'an invalid token is refused everywhere',
      section: '§11',
      async run({ server, alice }) {
        const cut = alice.tokens.access_token.slice(0, -4)
        for (const token of [undefined, 'nonsense', `${cut}AAAA`]) {
          for (const path of ['/auth/account', '/users/me']) {
            const exchange = await request(server.origin, 'GET', path, { token })
            expect(refusalOf(path, exchange).code).toBe('unauthenticated')
          }
        }
      },
    },
  ],
}

function loginDevice({ deviceId }: RawDevice) {
  return { deviceId, refreshIn: 'body' } as const
}

async function loggedIn(server: ServerUnderTest, phone: string): Promise<RawDevice> {
  const device = await RawDevice.create(server)
  await device.logIn(phone)
  return device
}

async function refresh(device: RawDevice, refresh_token: string) {
  const answer = await device.call(authRequests.refresh, { body: { refresh_token } })
  if ('session' in answer) throw new Error('the answer has no session')
  return answer
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
}

async function proveEmail(device: RawDevice, email: string) {
  const { challengeId } = await device.call(authRequests.startEmail, { body: { email } })
  const code = await device.server.codeFor(email)
  return device.call(authRequests.verifyEmail, { body: { challengeId, code } })
}

async function register(device: RawDevice, ticket: string) {
  const { state, registrationRequest } = await password.startRegistration(PASSWORD)
  const { registrationResponse } = await device.call(authRequests.startRegistration, {
    body: { ticket, registrationRequest },
  })
  const finished = await password.finishRegistration(PASSWORD, state, registrationResponse)
  const { registrationRecord } = finished
  const body = { ticket, registrationRecord, device: loginDevice(device) }
  return device.call(authRequests.finishRegistration, { body })
}

/** The tokens, or null if the server's answer doesn't prove that it knows the password. */
async function logIn(device: RawDevice, email: string, secret: string) {
  const { state, startLoginRequest } = await password.startLogin(secret)
  const { loginId, loginResponse } = await device.call(authRequests.startLogin, {
    body: { email, startLoginRequest },
  })
  const finished = await password.finishLogin(secret, state, loginResponse)
  if (!finished) return null
  const { finishLoginRequest } = finished
  const body = { loginId, finishLoginRequest, device: loginDevice(device) }
  return device.call(authRequests.finishLogin, { body })
}

/** Starts a log-in with a new number: requests with the right code and with a wrong one. */
async function startByPhone(server: ServerUnderTest) {
  const device = await RawDevice.create(server)
  const phone = server.newPhone()
  const { challengeId } = await device.call(authRequests.startPhone, { body: { phone } })
  const code = await server.codeFor(phone)
  const body = { challengeId, code, device: loginDevice(device) }
  const wrong = { ...body, code: code === '000000' ? '000001' : '000000' }
  return { device, body, wrong }
}
