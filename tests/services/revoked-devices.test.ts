import { randomUUID } from 'node:crypto'
import {
  type Broker,
  createInProcessBroker,
  createLogger,
  createRabbitmqBroker,
} from '@sotto/service-runtime'
import { CloseCode, type TokenAnswer } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMigratedDatabase } from '../postgres/test-database.ts'
import { startTestRabbitmq, type TestRabbitmq } from '../programs/rabbitmq.ts'
import { type Instance, newAuthConfig, startAuth, startChat, startWebsocket } from './instances.ts'
import { createDeviceKey, createKeys, signCredential, signRecord } from './signed-statements.ts'

const PHONE = '+4915112370002'
const log = createLogger({ name: 'test', level: 'silent' })

let rabbitmq: TestRabbitmq
beforeAll(async () => {
  rabbitmq = await startTestRabbitmq()
})
afterAll(() => rabbitmq[Symbol.asyncDispose]())

/** How the services of one Sotto reach each other. */
const brokers: Record<string, () => Promise<() => Promise<Broker>>> = {
  'in one process': async () => {
    const broker = createInProcessBroker({ log })
    return async () => broker
  },
  'by RabbitMQ': async () => {
    const prefix = randomUUID()
    return () => createRabbitmqBroker({ url: rabbitmq.url, log, prefix })
  },
}

const publish = (chat: Instance, { access_token: token }: TokenAnswer, record: string) =>
  chat.call('PUT', '/users', { token, body: { record, picture: null } })

describe.each(Object.keys(brokers))('with services %s', (way) => {
  async function start() {
    const stack = new AsyncDisposableStack()
    const database = stack.use(await createMigratedDatabase())
    const join = await (brokers[way] as (typeof brokers)[string])()
    const auth = stack.use(await startAuth(database, await newAuthConfig(), await join()))
    const chat = stack.use(await startChat(database, auth, await join()))
    const websocket = stack.use(await startWebsocket(auth, await join()))
    const [laptop, tablet] = [await auth.openSession(PHONE), await auth.openSession(PHONE)]
    const keys = createKeys(laptop.account_id)
    await publish(chat, laptop, signRecord(keys, 'Alice'))
    for (const { device_id: deviceId, access_token: token } of [laptop, tablet]) {
      const credential = signCredential(keys, { deviceId, deviceKey: createDeviceKey() })
      await chat.call('PUT', `/devices/${deviceId}`, { token, body: { credential } })
    }
    const refresh = async ({ refresh_token }: TokenAnswer) => {
      const answer = await auth.call('POST', '/auth/refresh', { body: { refresh_token } })
      return answer.status === 200 ? 'refreshed' : answer.body.code
    }
    const read = async ({ access_token: token }: TokenAnswer) =>
      (await chat.call('GET', '/conversations', { token })).status
    return { stack, chat, websocket, laptop, tablet, keys, refresh, read }
  }

  test('a record that revokes a device ends its session everywhere', async () => {
    const { stack, chat, websocket, laptop, tablet, keys, refresh, read } = await start()
    await using _ = stack
    const live = await websocket.connect(tablet.access_token)
    expect([live.first, await read(tablet)]).toEqual(['authenticated', 200])

    const revoked = [{ device: tablet.device_id, at: Date.now() }]
    await publish(chat, laptop, signRecord(keys, 'Alice', { version: 2, revoked }))

    expect(await live.closed).toBe(CloseCode.sessionEnded)
    expect(await refresh(tablet)).toBe('refresh_refused')
    await expect.poll(() => read(tablet)).toBe(401)
    expect([await read(laptop), await refresh(laptop)]).toEqual([200, 'refreshed'])
  })

  test("new keys end every session except the caller's", async () => {
    const { stack, chat, websocket, laptop, tablet, refresh, read } = await start()
    await using _ = stack
    const live = await websocket.connect(laptop.access_token)
    const newKeys = createKeys(tablet.account_id)
    const { status } = await publish(chat, tablet, signRecord(newKeys, 'Alice', { version: 2 }))
    expect(status).toBe(200)

    expect(await live.closed).toBe(CloseCode.sessionEnded)
    expect(await refresh(laptop)).toBe('refresh_refused')
    await expect.poll(() => read(laptop)).toBe(401)
    expect([await read(tablet), await refresh(tablet)]).toEqual([200, 'refreshed'])
  })
})
