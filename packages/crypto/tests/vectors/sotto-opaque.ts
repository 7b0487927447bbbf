import { ready, server } from '@serenity-kit/opaque'
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../../src/base64url.ts'
import { concat, equalBytes } from '../../src/bytes.ts'
import { finishLogin, finishRegistration, startLogin } from '../../src/password.ts'
import type { ReadSuite, VectorCase } from './suite.ts'

const bytes = z.string().transform(decodeBase64url)
const Login = z.object({
  id: z.string(),
  password: z.string(),
  loginResponse: z.string(),
  expect: z.enum(['open', 'refuse']),
  finishLoginRequest: z.string().optional(),
  exportKey: z.string().optional(),
})
const File = z.object({
  format: z.literal('sotto-opaque/1'),
  serverSetup: z.string(),
  userIdentifier: z.string(),
  password: z.string(),
  registration: z.object({
    blind: bytes,
    registrationRequest: bytes,
    registrationResponse: z.string(),
    registrationRecord: z.string(),
    maskingKey: bytes,
    exportKey: z.string(),
  }),
  login: z.object({
    blind: bytes,
    startLoginRequest: bytes,
    clientEphemeralSecret: bytes,
    clientNonce: bytes,
    serverLoginState: z.string(),
  }),
  logins: z.array(Login).min(1),
})
type File = z.infer<typeof File>

/** `sotto/opaque.json`: the client side of OPAQUE with fixed random choices. */
export const readOpaque: ReadSuite = (content) => {
  const file = File.safeParse(content)
  if (!file.success) return undefined
  const { logins } = file.data
  const cases: VectorCase[] = [
    { name: 'registration-response', check: () => checkRegistration(file.data) },
    { name: 'record-at-the-server', check: () => checkRecord(file.data) },
    { name: 'third-message-at-the-server', check: () => checkThirdMessage(file.data) },
    ...logins.map((one) => ({ name: one.id, check: () => checkLogin(file.data, one) })),
  ]
  return { cases, notes: [] }
}

/**
 * The library chooses a new envelope nonce each time, so only the masking key of the record is
 * reproducible: it depends on the password, the blind and the server's answer.
 */
async function checkRegistration({ password, registration }: File): Promise<boolean> {
  const { blind, registrationRequest, registrationResponse, maskingKey } = registration
  const state = encodeBase64url(concat(blind, registrationRequest))
  const made = await finishRegistration(password, state, registrationResponse)
  return equalBytes(decodeBase64url(made.registrationRecord).subarray(32, 96), maskingKey)
}

/** A new log-in with the recorded record yields the recorded key. */
async function checkRecord({ serverSetup, userIdentifier, password, registration }: File) {
  const { registrationRecord, exportKey } = registration
  const { state, startLoginRequest } = await startLogin(password)
  const started = { serverSetup, userIdentifier, registrationRecord, startLoginRequest }
  const finished = await finishLogin(password, state, server.startLogin(started).loginResponse)
  return finished !== null && encodeBase64url(finished.exportKey) === exportKey
}

async function checkThirdMessage({ login, logins }: File): Promise<boolean> {
  await ready
  const { serverLoginState } = login
  const [{ finishLoginRequest = '' } = {}] = logins
  return server.finishLogin({ serverLoginState, finishLoginRequest }).sessionKey !== ''
}

async function checkLogin({ login }: File, one: z.infer<typeof Login>): Promise<boolean> {
  const { blind, startLoginRequest, clientEphemeralSecret, clientNonce } = login
  const parts = [blind, startLoginRequest, clientEphemeralSecret, clientNonce]
  const state = encodeBase64url(concat(...parts))
  const finished = await finishLogin(one.password, state, one.loginResponse)
  if (one.expect === 'refuse') return finished === null
  const exportKey = finished && encodeBase64url(finished.exportKey)
  return exportKey === one.exportKey && finished?.finishLoginRequest === one.finishLoginRequest
}
