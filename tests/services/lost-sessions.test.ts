import { randomUUID } from 'node:crypto'
import type { TokenAnswer } from '@sotto/wire'
import { expect, test } from 'vitest'
import { createMigratedDatabase } from '../postgres/test-database.ts'
import {
  type AuthInstance,
  type Instance,
  newAuthConfig,
  startAuth,
  startChat,
} from './instances.ts'
import {
  type AccountKeys,
  createDevice,
  createKeys,
  type DeviceKeys,
  signCredential,
  signProof,
  signRecord,
} from './signed-statements.ts'

const PHONE = '+4915112370003'

/** Auth and chat with separate databases, and an account whose device has published its keys. */
async function start() {
  const stack = new AsyncDisposableStack()
  const databases = [
    stack.use(await createMigratedDatabase()),
    stack.use(await createMigratedDatabase()),
  ] as const
  const auth = stack.use(await startAuth(databases[0], await newAuthConfig()))
  const chat = stack.use(await startChat(databases[1], auth))
  const tokens = await auth.openSession(PHONE)
  const keys = createKeys(tokens.account_id)
  const device = createDevice()
  const token = tokens.access_token
  const body = { record: signRecord(keys, 'Alice'), picture: null }
  expect((await chat.call('PUT', '/users', { token, body })).status).toBe(200)
  return { stack, auth, chat, databases, tokens, keys, device }
}

const refresh = (auth: AuthInstance, { refresh_token }: TokenAnswer) =>
  auth.call('POST', '/auth/refresh', { body: { refresh_token } })

/** Like a restore from before the session began. Returns the challenge for the device. */
async function lose(
  auth: AuthInstance,
  sql: Awaited<ReturnType<typeof createMigratedDatabase>>['sql'],
  tokens: TokenAnswer,
) {
  await sql`delete from auth.sessions where id = ${tokens.session_id}`
  const { status, body } = await refresh(auth, tokens)
  expect([status, body.code]).toEqual([401, 'refresh_refused'])
  return body.details.challenge as string
}

interface Proof {
  readonly tokens: TokenAnswer
  readonly keys: AccountKeys
  readonly device: DeviceKeys
  readonly challenge: string
}

function prove(
  chat: Instance,
  { tokens, keys, device, challenge }: Proof,
  changes: { proof?: object; credential?: object; path?: string } = {},
) {
  const { account_id: account, device_id: deviceId } = tokens
  const credential = signCredential(keys, { deviceId, ...device }, changes.credential)
  const claims = { account, device: deviceId, challenge, issuedAt: Date.now() }
  const proof = signProof(device, { ...claims, ...changes.proof })
  return chat.call('POST', `/devices/${changes.path ?? deviceId}/proof`, {
    body: { credential, proof },
  })
}

test('a device continues a session that auth has lost, although chat has lost its enrollment', async () => {
  const { stack, auth, chat, databases, ...own } = await start()
  await using _ = stack
  const challenge = await lose(auth, databases[0].sql, own.tokens)

  expect(await prove(chat, { ...own, challenge })).toEqual({ status: 200, body: {} })

  const { status, body } = await refresh(auth, own.tokens)
  expect([status, body.session_id]).toEqual([200, own.tokens.session_id])
  expect((await chat.call('GET', '/conversations', { token: body.access_token })).status).toBe(200)
})

test('no one else can prove it, and attempts leave no trace', async () => {
  const { stack, auth, chat, databases, ...own } = await start()
  await using _ = stack
  const challenge = await lose(auth, databases[0].sql, own.tokens)
  const mallory = { ...createKeys(own.tokens.account_id) }
  const given = { ...own, challenge }
  const stolen = createDevice()
  const refusals = [
    // The thief's own key, with the thief's own statement.
    await prove(chat, { ...given, keys: mallory, device: stolen }),
    // The device's credential, and a signature by another key.
    await prove(chat, given, { credential: { deviceKey: stolen.deviceKey } }),
    await prove(chat, given, { proof: { device: randomUUID() } }),
    await prove(chat, given, { proof: { account: randomUUID() } }),
    await prove(chat, given, { path: randomUUID() }),
    await prove(chat, given, { proof: { more: 1 } }),
    await prove(chat, given, { proof: { challenge: 'made.up' } }),
  ]

  expect(refusals.map(({ status, body }) => [status, body.code])).toEqual([
    [400, 'bad_signature'],
    [400, 'bad_signature'],
    [403, 'forbidden'],
    [403, 'forbidden'],
    [403, 'forbidden'],
    [400, 'invalid_request'],
    [401, 'refresh_refused'],
  ])
  expect((await refresh(auth, own.tokens)).status).toBe(401)
  expect(await databases[1].sql`select 1 from chat.devices`).toHaveLength(0)
})

test('a device that chat knows as revoked, or with another key, cannot continue', async () => {
  const { stack, auth, chat, databases, ...own } = await start()
  await using _ = stack
  const { device_id: deviceId, access_token: token } = own.tokens
  const credential = signCredential(own.keys, { deviceId, ...own.device })
  await chat.call('PUT', `/devices/${deviceId}`, { token, body: { credential } })
  const challenge = await lose(auth, databases[0].sql, own.tokens)

  const other = await prove(chat, { ...own, challenge, device: createDevice() })
  expect(other.body).toEqual({ code: 'device_id_taken' })
  await databases[1].sql`update chat.devices set revoked_at = 1`
  const revoked = await prove(chat, { ...own, challenge })
  expect(revoked.body).toEqual({ code: 'device_not_enrolled' })
})

test('only other services can report that a device has proven itself', async () => {
  await using database = await createMigratedDatabase()
  await using auth = await startAuth(database, await newAuthConfig())

  const answer = await auth.call('POST', '/resumed-sessions', { body: {} })
  expect(answer.status).toBe(404)
})
