import { randomUUID } from 'node:crypto'
import {
  authRequests,
  CloseCode,
  chatRequests,
  type Endpoint,
  logInChallenge,
  type TokenAnswer,
} from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMigratedDatabase } from '../postgres/test-database.ts'
import { newAuthConfig, startAuth, startChat, startWebsocket } from './instances.ts'
import {
  type AccountKeys,
  createDevice,
  createKeys,
  type DeviceKeys,
  signCredential,
  signLogIn,
  signProof,
  signRecord,
} from './signed-statements.ts'

const PHONE = '+4915112370004'

/**
 * Everything that a code without a key may request. All other endpoints, now and in the future, are
 * closed to it.
 */
const OPEN_TO_A_LOG_IN = [
  'auth.listWraps',
  'auth.logOut',
  'auth.ownAccount',
  'chat.getBox',
  'chat.getManifest',
  'chat.listNewKeys',
  'chat.ownUser',
  'chat.putBox',
  'chat.putDevice',
  'chat.putManifest',
  'chat.putUser',
  'chat.putWrap',
  'chat.readEra',
  'chat.removePassword',
  'chat.replaceWraps',
  'chat.stopNewKeys',
]

const endpoints = new Map<string, Endpoint>(
  Object.entries({ auth: authRequests, chat: chatRequests }).flatMap(([service, requests]) =>
    Object.entries(requests).map(([name, one]) => [`${service}.${name}`, one] as const),
  ),
)

const namesOf = (access: Endpoint['access']) =>
  [...endpoints].filter(([, one]) => one.access === access).map(([name]) => name)

/** The holder of an access token for Alice's account. */
const ROLES = ['the device', 'another device', 'the id of the device'] as const
type Role = (typeof ROLES)[number]

async function start() {
  const stack = new AsyncDisposableStack()
  const database = stack.use(await createMigratedDatabase())
  const auth = stack.use(await startAuth(database, await newAuthConfig()))
  const chat = stack.use(await startChat(database, auth, undefined, { newKeysDelayHours: 24 }))
  const websocket = stack.use(await startWebsocket(auth))
  const call = (name: string, token: string) => {
    const { method, path } = endpoints.get(name) as Endpoint
    const service = name.startsWith('auth.') ? auth : chat
    const body = method === 'GET' ? {} : { body: {} }
    return service.call(method, filled(path), { token, ...body })
  }
  return { stack, auth, chat, websocket, call }
}

type World = Awaited<ReturnType<typeof start>>

/** An account with keys, and an enrolled and proven device. */
async function enter({ auth, chat }: World, phone: string) {
  const tokens = await auth.logInWithCode(phone)
  const { access_token: token, account_id: accountId, device_id: deviceId } = tokens
  const keys = createKeys(accountId)
  const device = createDevice()
  const body = { record: signRecord(keys, 'Alice'), picture: null }
  expect((await chat.call('PUT', '/users', { token, body })).status).toBe(200)
  const { credential, proof } = signLogIn(keys, device, { deviceId, sessionId: tokens.session_id })
  const path = `/devices/${deviceId}`
  expect((await chat.call('PUT', path, { token, body: { credential } })).status).toBe(200)
  const proven = await chat.call('POST', `${path}/proof`, { body: { credential, proof } })
  expect(proven.status).toBe(200)
  return { tokens, keys, device }
}

function filled(path: string): string {
  return path
    .replace(':box', 'keys')
    .replace(':kind', 'password')
    .replace(':seq', '1')
    .replace(/:\w+/g, randomUUID())
}

let world: World
beforeAll(async () => {
  world = await start()
})
afterAll(() => world.stack.disposeAsync())

test('a log-in without keys may request this list, and nothing else', () => {
  expect(namesOf('log-in').toSorted()).toEqual(OPEN_TO_A_LOG_IN)
  expect(namesOf('account')).not.toEqual([])
})

describe.each(ROLES)('%s', (role: Role) => {
  let token: string
  beforeAll(async () => {
    const phone = `+491511237${1000 + ROLES.indexOf(role)}`
    const { tokens } = await enter(world, phone)
    const logIns: Record<Role, () => Promise<TokenAnswer>> = {
      'the device': async () => tokens,
      'another device': () => world.auth.logInWithCode(phone),
      'the id of the device': () => world.auth.logInWithCode(phone, tokens.device_id),
    }
    token = (await logIns[role]()).access_token
  })

  test.each(namesOf('account'))('%s', async (name) => {
    const { status, body } = await world.call(name, token)
    const isRefused = status === 403 && body.code === 'device_not_proven'
    expect(isRefused, JSON.stringify(body)).toBe(role !== 'the device')
  })

  test.each(namesOf('log-in').filter((name) => name !== 'auth.logOut'))('%s', async (name) => {
    const { body } = await world.call(name, token)
    expect(['device_not_proven', 'unauthenticated']).not.toContain(body.code)
  })

  test('a connection', async () => {
    const { first, closed } = await world.websocket.connect(token)
    if (role === 'the device') return expect(first).toBe('authenticated')
    expect(first).toBe('error')
    expect(await closed).toBe(CloseCode.notProven)
  })
})

interface Proof {
  readonly keys: AccountKeys
  readonly device: DeviceKeys
  readonly deviceId: string
  readonly sessionId: TokenAnswer['session_id']
  readonly credential?: string
}

function prove({ chat }: World, { keys, device, deviceId, sessionId, credential }: Proof) {
  const challenge = logInChallenge(sessionId)
  const claims = { account: keys.id, device: deviceId, challenge, issuedAt: Date.now() }
  const proof = signProof(device, claims)
  const shown = credential ?? signCredential(keys, { deviceId, deviceKey: device.deviceKey })
  return chat.call('POST', `/devices/${deviceId}/proof`, { body: { credential: shown, proof } })
}

test('only a device of the account can prove a log-in, for exactly this session', async () => {
  const { auth, chat } = world
  const { tokens, keys, device } = await enter(world, PHONE)
  const thief = await auth.logInWithCode(PHONE, tokens.device_id)
  const { device_id: deviceId, session_id: sessionId, access_token: token } = thief
  const own = createDevice()
  // The data that everyone who shares a conversation with the account can see.
  const { body } = await chat.call('GET', '/users/me', { token })
  const credential = body.account.devices[0].credential
  const tries = [
    // The device's credential, without its key.
    await prove(world, { keys, device: own, deviceId, sessionId, credential }),
    // A credential for the thief's key, by a key that is not the account's.
    await prove(world, { keys: createKeys(keys.id), device: own, deviceId, sessionId }),
  ]
  expect(tries.map((answer) => answer.body.code)).toEqual(['bad_signature', 'bad_signature'])
  const read = () => chat.call('GET', '/conversations', { token })
  expect((await read()).body).toEqual({ code: 'device_not_proven' })

  // The device itself, with the same id: it has logged in again.
  expect((await prove(world, { keys, device, deviceId, sessionId })).status).toBe(200)
  expect((await read()).status).toBe(200)
})

test('waiting new keys prove nothing, and the log-in that requested them sees that they wait', async () => {
  const { auth, chat } = world
  const phone = '+4915112370005'
  const { keys } = await enter(world, phone)
  const thief = await auth.logInWithCode(phone)
  const { access_token: token, device_id: deviceId, session_id: sessionId } = thief
  const theirs = createKeys(keys.id)
  const body = { record: signRecord(theirs, 'Mallory', { version: 2 }), picture: null }
  expect((await chat.call('PUT', '/users', { token, body })).body.code).toBe('new_keys_wait')

  const { body: told } = await chat.call('GET', '/users/me/new-keys', { token })
  expect(told.waiting).toMatchObject([{ identityKey: theirs.identity.publicKey }])
  const device = createDevice()
  const answer = await prove(world, { keys: theirs, device, deviceId, sessionId })
  expect(answer.body.code).toBe('bad_signature')
  expect((await chat.call('GET', '/conversations', { token })).body.code).toBe('device_not_proven')
})
