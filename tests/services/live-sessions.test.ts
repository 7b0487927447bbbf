import { createPrivateKey, randomUUID } from 'node:crypto'
import { CloseCode } from '@sotto/wire'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { TcpSwitch } from '../postgres/tcp-switch.ts'
import { createMigratedDatabase } from '../postgres/test-database.ts'
import { newAuthConfig, startAuth, startChat, startWebsocket } from './instances.ts'

test('the signing key alone cannot impersonate anyone, at any service', async () => {
  await using database = await createMigratedDatabase()
  const config = await newAuthConfig()
  await using auth = await startAuth(database, config)
  await using chat = await startChat(database, auth)
  await using websocket = await startWebsocket(auth)
  const [alice, mallory] = [await auth.logIn('+4915112370001'), await auth.logIn('+4915112370002')]
  const sign = (token: string, changes: object) =>
    new SignJWT({ ...decodeJwt(token), ...changes })
      .setProtectedHeader({ ...decodeProtectedHeader(token), alg: 'EdDSA' })
      .sign(createPrivateKey(config.signingKey))
  const { sid, sub, did } = decodeJwt(alice)
  const forged = await Promise.all([
    sign(alice, { sid: randomUUID() }),
    // A live session of another account or another device.
    sign(mallory, { sub, did }),
    sign(mallory, { sid, did }),
    sign(alice, { did: randomUUID() }),
  ])

  expect((await chat.call('GET', '/users/me', { token: await sign(alice, {}) })).status).toBe(200)
  for (const token of forged) {
    expect((await auth.call('GET', '/auth/account', { token })).status).toBe(401)
    expect((await chat.call('GET', '/users/me', { token })).status).toBe(401)
    const { first, closed } = await websocket.connect(token)
    expect(first).toBe('error')
    expect(await closed).toBe(CloseCode.unauthenticated)
  }
})

test('a service that cannot ask says so, and asks again', async () => {
  await using database = await createMigratedDatabase()
  const config = await newAuthConfig()
  await using auth = await startAuth(database, config)
  const port = Number(new URL(auth.internalUrl).port)
  const way = await TcpSwitch.to(port)
  await using chat = await startChat(database, {
    ...auth,
    internalUrl: `http://127.0.0.1:${way.port}`,
  })
  const known = await auth.logIn('+4915112370001')
  expect((await chat.call('GET', '/users/me', { token: known })).status).toBe(200)
  const token = await auth.logIn('+4915112370002')

  way.turnTo(undefined)
  expect(await chat.call('GET', '/users/me', { token })).toMatchObject({
    status: 503,
    body: { code: 'unavailable' },
  })
  expect((await chat.call('GET', '/users/me', { token: known })).status).toBe(200)

  way.turnTo(port)
  expect((await chat.call('GET', '/users/me', { token })).status).toBe(200)
  await way.close()
})

test('only other services can ask which sessions are live', async () => {
  await using database = await createMigratedDatabase()
  await using auth = await startAuth(database, await newAuthConfig())

  expect((await auth.call('POST', '/live-sessions', { body: { sessions: [] } })).status).toBe(404)
})
