import * as password from '@sotto/sdk/password'
import { authRequests, ChallengeId } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { RawDevice } from '../../raw/raw-device.ts'
import type { ServerUnderTest } from '../../raw/raw-server.ts'
import type { ServerStage } from '../server-stage.ts'

const PASSWORD = 'a long password that is never guessed'

/** Codes, passwords and addresses. */
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
  ],
}

function loginDevice({ deviceId }: RawDevice) {
  return { deviceId, refreshIn: 'body' } as const
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
