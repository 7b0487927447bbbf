import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts'
import { freePort } from '../programs/free-port.ts'
import { startTestRabbitmq, type TestRabbitmq } from '../programs/rabbitmq.ts'
import { ServiceProcess } from './service-process.ts'

let database: TestDatabase
let rabbitmq: TestRabbitmq

beforeAll(async () => {
  database = await createTestDatabase()
  rabbitmq = await startTestRabbitmq()
})

afterAll(async () => {
  await rabbitmq[Symbol.asyncDispose]()
  await database.drop()
})

const startAuth = (env: NodeJS.ProcessEnv = {}) =>
  ServiceProcess.spawn('auth', {
    AUTH_DATABASE_URL: database.url,
    AUTH_OWNER_DATABASE_URL: database.url,
    RABBITMQ_URL: rabbitmq.url,
    ...env,
  })

const startChat = (authInternalUrl: string) =>
  ServiceProcess.spawn('chat', {
    CHAT_DATABASE_URL: database.url,
    CHAT_OWNER_DATABASE_URL: database.url,
    RABBITMQ_URL: rabbitmq.url,
    AUTH_INTERNAL_URL: authInternalUrl,
  })

test.each(['auth', 'chat', 'websocket'] as const)(
  '%s alone says in one line that it needs RabbitMQ',
  async (name) => {
    const service = await ServiceProcess.spawn(name, {
      AUTH_DATABASE_URL: database.url,
      CHAT_DATABASE_URL: database.url,
    })

    expect(await service.ended).toBe(1)
    expect(service.told).toBe('RABBITMQ_URL: must be like amqp://user:password@host:5672/sotto\n')
  },
)

test('a service answers the operator on a second listener', async () => {
  await using auth = await startAuth()
  await auth.untilReady()
  const health = await fetch(`${auth.internalUrl}/health`)
  const metrics = await fetch(`${auth.internalUrl}/metrics`)

  expect(await health.json()).toMatchObject({ status: 'ok', parts: { auth: { status: 'ok' } } })
  const text = await metrics.text()
  expect(text).toMatch(/^sotto_database_pool_size{pool="auth"} 10$/m)
  expect(text).toMatch(/^sotto_queue_messages{queue="commands"} 0$/m)
  expect(text).toMatch(/^sotto_queue_messages{queue="dead_letters"} 0$/m)
  expect((await fetch(`${auth.url}/metrics`)).status).toBe(404)
})

test('chat is not ready before it knows which sessions have ended', async () => {
  const internalPort = await freePort()
  await using chat = await startChat(`http://127.0.0.1:${internalPort}`)
  await expect.poll(() => chat.ready()).toBe(503)
  await expect(fetch(chat.url)).rejects.toThrow()

  await using auth = await startAuth({ INTERNAL_PORT: `${internalPort}` })
  await chat.untilReady()
  expect((await fetch(`${chat.url}/conversations`)).status).toBe(401)
  auth.stop()
  expect(await auth.ended).toBe(0)
  expect(await chat.ready()).toBe(200)
})

test('when stopped, it first reports it, then accepts no more, and finishes its work', async () => {
  await using auth = await startAuth({ SHUTDOWN_DELAY_MS: '3000' })
  await auth.untilReady()
  const { port } = new URL(auth.url)
  const socket = connect(Number(port), '127.0.0.1')
  const head = 'POST /auth/phone/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
  const body = JSON.stringify({ phone: '+4915112370042' })
  socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`)

  auth.stop()
  await expect.poll(() => auth.ready(), { interval: 20 }).toBe(503)
  expect((await fetch(`${auth.url}/health`)).status).toBe(200)
  await expect
    .poll(() =>
      fetch(auth.url).then(
        () => 'taken',
        () => 'refused',
      ),
    )
    .toBe('refused')
  socket.write(body.slice(5))
  const [answer] = await once(socket, 'data')

  expect(String(answer)).toMatch(/^HTTP\/1.1 200 /)
  expect(await auth.ended).toBe(0)
})
