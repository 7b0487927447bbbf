import { CloseCode } from '@sotto/wire'
import { expect, test } from 'vitest'
import { createMigratedDatabase } from '../postgres/test-database.ts'
import {
  type AuthInstance,
  type Instance,
  newAuthConfig,
  startAuth,
  startChat,
  startWebsocket,
} from './instances.ts'

const PHONE = '+4915112370001'

async function endSession(auth: AuthInstance, token: string) {
  const { body } = await auth.call('GET', '/auth/sessions', { token })
  const { sessionId } = body.sessions[0]
  expect((await auth.call('DELETE', `/auth/sessions/${sessionId}`, { token })).status).toBe(200)
}

const status = async (chat: Instance, token: string) =>
  (await chat.call('GET', '/conversations', { token })).status

test('an instance rejects a session that ended while it was down, even after a restart of auth', async () => {
  await using database = await createMigratedDatabase()
  const config = await newAuthConfig()
  const auth = await startAuth(database, config)
  const token = await auth.logIn(PHONE)
  await endSession(auth, token)
  await auth[Symbol.asyncDispose]()

  await using restarted = await startAuth(database, config)
  await using chat = await startChat(database, restarted)
  await using websocket = await startWebsocket(restarted)

  expect(await status(chat, token)).toBe(401)
  const { first, closed } = await websocket.connect(token)
  expect(first).toBe('error')
  expect(await closed).toBe(CloseCode.unauthenticated)
})

test('a session ends at every instance even if its event is lost', async () => {
  await using database = await createMigratedDatabase()
  const config = await newAuthConfig()
  await using auth = await startAuth(database, config)
  await using other = await startAuth(database, config)
  await using one = await startChat(database, other)
  await using two = await startChat(database, other)
  await using websocket = await startWebsocket(other)
  const token = await auth.logIn(PHONE)
  expect([await status(one, token), await status(two, token)]).toEqual([200, 200])
  const { first, closed } = await websocket.connect(token)
  expect(first).toBe('authenticated')

  await endSession(auth, token)
  expect(await closed).toBe(CloseCode.sessionEnded)
  for (const chat of [one, two]) await expect.poll(() => status(chat, token)).toBe(401)
})

test('only other services can read the list of ended sessions', async () => {
  await using database = await createMigratedDatabase()
  await using auth = await startAuth(database, await newAuthConfig())

  expect((await auth.call('GET', '/ended-sessions')).status).toBe(404)
})
