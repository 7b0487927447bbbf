import { client } from '@serenity-kit/opaque'
import type { WrapsWrite } from '@sotto/service-runtime'
import type { TokenAnswer, WrapKind } from '@sotto/wire'
import { type AuthUnderTest, newDevice } from '../auth-under-test.ts'

// Stretching happens on the client, so the cheapest setting is enough here.
const keyStretching = {
  'argon2id-custom': { iterations: 1, memory: 8, parallelism: 1 },
} as const

export const post = (auth: AuthUnderTest, path: string, body: unknown) =>
  auth.call('POST', `/auth/${path}`, { body })

/** Enters the code that was sent to the address. */
export async function prove(auth: AuthUnderTest, email: string) {
  const { challengeId } = (await post(auth, 'email/start', { email })).body
  const code = await auth.codeFor(email.trim().toLowerCase())
  return (await post(auth, 'email/verify', { challengeId, code })).body
}

export async function startRegistration(auth: AuthUnderTest, ticket: string, password: string) {
  const start = client.startRegistration({ password })
  const { registrationRequest } = start
  const { body } = await post(auth, 'password/register-start', { ticket, registrationRequest })
  return client.finishRegistration({ password, ...start, ...body, keyStretching })
}

/** Sets the password of a new or a known address. */
export async function register(auth: AuthUnderTest, email: string, password: string) {
  const { ticket } = await prove(auth, email)
  const { registrationRecord, exportKey } = await startRegistration(auth, ticket, password)
  const device = newDevice()
  const answer = await post(auth, 'password/register-finish', {
    ticket,
    registrationRecord,
    device,
  })
  return { ...answer, exportKey, ticket }
}

export async function startLogIn(auth: AuthUnderTest, email: string, password: string) {
  const { clientLoginState, startLoginRequest } = client.startLogin({ password })
  const { body } = await post(auth, 'password/login-start', { email, startLoginRequest })
  const { loginId, loginResponse } = body
  const finished = client.finishLogin({ clientLoginState, loginResponse, password, keyStretching })
  return { loginId, finished }
}

/** Undefined if the password is wrong. */
export async function logIn(auth: AuthUnderTest, email: string, password: string) {
  const { loginId, finished } = await startLogIn(auth, email, password)
  if (!finished) return undefined
  const { finishLoginRequest, exportKey } = finished
  const device = newDevice()
  const answer = await post(auth, 'password/login-finish', { loginId, finishLoginRequest, device })
  return { ...answer, exportKey }
}

export const wrapOf = (ciphertext: string, kind: WrapKind = 'password') => ({ kind, ciphertext })
/** The request of the chat service after the owner has signed. */
export const keep = (
  auth: AuthUnderTest,
  tokens: TokenAnswer,
  version: number,
  change: WrapsWrite['change'],
) => {
  const { account_id: accountId, session_id: sessionId, device_id: deviceId } = tokens
  return auth.service.keepWraps({ actor: { accountId, sessionId, deviceId }, version, change })
}
export const wrapsOf = async (auth: AuthUnderTest, token: string) =>
  (await auth.call('GET', '/auth/wraps', { token })).body.wraps
