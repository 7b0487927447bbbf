import { ready, server } from '@serenity-kit/opaque'
import { beforeAll, expect, test } from 'vitest'
import { finishLogin, finishRegistration, startLogin, startRegistration } from '../src/password.ts'

const userIdentifier = 'a11ce000-0000-4000-8000-000000000001'
let serverSetup: string

beforeAll(async () => {
  await ready
  serverSetup = server.createSetup()
})

async function register(password: string) {
  const { state, registrationRequest } = await startRegistration(password)
  const { registrationResponse } = server.createRegistrationResponse({
    serverSetup,
    userIdentifier,
    registrationRequest,
  })
  const finished = await finishRegistration(password, state, registrationResponse)
  return { ...finished, registrationRequest }
}

async function logIn(password: string, registrationRecord: string | null) {
  const { state, startLoginRequest } = await startLogin(password)
  const started = { serverSetup, userIdentifier, registrationRecord, startLoginRequest }
  const { loginResponse, serverLoginState } = server.startLogin(started)
  const finished = await finishLogin(password, state, loginResponse)
  if (finished) {
    server.finishLogin({ serverLoginState, finishLoginRequest: finished.finishLoginRequest })
  }
  return finished
}

test('the right password logs in and yields the same key as at registration', async () => {
  const { registrationRecord, exportKey } = await register('correct horse battery')

  const finished = await logIn('correct horse battery', registrationRecord)

  expect(exportKey).toHaveLength(64)
  expect(finished?.exportKey).toEqual(exportKey)
})

test('a wrong password and an unknown account yield nothing', async () => {
  const { registrationRecord } = await register('correct horse battery')

  expect(await logIn('wrong horse battery', registrationRecord)).toBeNull()
  expect(await logIn('correct horse battery', null)).toBeNull()
})

test('long passwords are not truncated', async () => {
  const long = 'p'.repeat(255)
  const { registrationRecord } = await register(`${long}A`)

  expect(await logIn(`${long}B`, registrationRecord)).toBeNull()
  expect(await logIn(`${long}A`, registrationRecord)).not.toBeNull()
})

test('the same password from another keyboard is accepted', async () => {
  const { registrationRecord } = await register('caf\u00e9 caf\u00e9')

  expect(await logIn('cafe\u0301 cafe\u0301', registrationRecord)).not.toBeNull()
})
