import { TokenAnswer } from '@sotto/wire'
import type { ServerProcess } from '../programs/server-process.ts'
import { createDevice, createKeys, signLogIn, signRecord } from '../services/signed-statements.ts'

/** Sends an arbitrary request and returns the answer. */
export async function callServer(
  { origin }: ServerProcess,
  method: string,
  path: string,
  body?: BodyInit,
  token?: string,
) {
  const answer = await fetch(origin + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body }),
  })
  return { status: answer.status, body: await answer.text() }
}

/** The access token of a device that has just logged in to a new account and proven itself. */
export async function logIn(server: ServerProcess, phone: string): Promise<string> {
  const post = (path: string, body: unknown) =>
    callServer(server, 'POST', path, JSON.stringify(body))
  const challenge = await post('/auth/phone/start', { phone })
  const { challengeId } = JSON.parse(challenge.body)
  const code = await server.codeFor(phone)
  const deviceId = crypto.randomUUID()
  const device = { deviceId, refreshIn: 'body' }
  const verified = await post('/auth/phone/verify', { challengeId, code, device })
  const tokens = TokenAnswer.parse(JSON.parse(verified.body))
  const { access_token: token, account_id: accountId, session_id: sessionId } = tokens
  const keys = createKeys(accountId)
  const record = JSON.stringify({ record: signRecord(keys, 'Mallory'), picture: null })
  await callServer(server, 'PUT', '/users', record, token)
  await post(`/devices/${deviceId}/proof`, signLogIn(keys, createDevice(), { deviceId, sessionId }))
  return token
}
