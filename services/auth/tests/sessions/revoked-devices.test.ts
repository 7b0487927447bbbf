import { once } from 'node:events'
import { connect as connectSocket, createServer, type Socket } from 'node:net'
import { type Broker, connect, createInProcessBroker, createLogger } from '@sotto/service-runtime'
import type { Job, TokenAnswer } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMigratedDatabase } from '../../../../tests/postgres/test-database.ts'
import {
  type AuthUnderTest,
  logInByPhone,
  newDevice,
  startAuth,
  startAuthOn,
} from '../auth-under-test.ts'

const log = createLogger({ name: 'test', level: 'silent' })
let auth: AuthUnderTest
let broker: Broker

beforeAll(async () => {
  broker = createInProcessBroker({ log, jobs: { retryDelayMs: 5 } })
  auth = await startAuth({}, { broker })
})
afterAll(() => auth[Symbol.asyncDispose]())

type DeviceUuid = ReturnType<typeof newDevice>['deviceId']
type SessionsEnd = Extract<Job, { type: 'sessions.end' }>

async function end(account: TokenAnswer, job: Pick<SessionsEnd, 'devices' | 'startedBefore'>) {
  await broker.sendJob({ type: 'sessions.end', accountId: account.account_id, ...job })
}

async function refreshCode({ refresh_token }: TokenAnswer): Promise<string> {
  const answer = await auth.call('POST', '/auth/refresh', { body: { refresh_token } })
  return answer.status === 200 ? 'refreshed' : answer.body.code
}

/** A person who has logged in on several devices. */
async function logInTimes(phone: string, count: number): Promise<TokenAnswer[]> {
  const sessions: TokenAnswer[] = []
  for (let n = 0; n < count; n += 1) {
    // Several tests request codes for the same number.
    auth.clock.now += 1_000
    sessions.push(await logInByPhone(auth, phone))
  }
  return sessions
}

test('the sessions of the named devices end, and every service is notified', async () => {
  const [laptop, tablet, phone] = await logInTimes('+4915112350001', 3)
  if (!laptop || !tablet || !phone) throw new Error('nobody logged in')
  const only = [tablet.device_id, phone.device_id]
  await end(laptop, { devices: { only }, startedBefore: auth.clock.now })

  await expect.poll(() => auth.endedSessions).toContain(phone.session_id)
  expect(auth.endedSessions).toContain(tablet.session_id)
  expect(auth.endedSessions).not.toContain(laptop.session_id)
  expect(await refreshCode(tablet)).toBe('refresh_refused')
  expect((await auth.call('GET', '/auth/sessions', { token: tablet.access_token })).status).toBe(
    401,
  )
  expect(await refreshCode(laptop)).toBe('refreshed')
})

test('after new keys, every session ends except that of the calling device', async () => {
  const [laptop, tablet, phone] = await logInTimes('+4915112350002', 3)
  if (!laptop || !tablet || !phone) throw new Error('nobody logged in')
  const stranger = await logInByPhone(auth, '+4915112350003')
  const devices = { allBut: tablet.device_id }
  await end(laptop, { devices, startedBefore: auth.clock.now })

  await expect.poll(() => auth.endedSessions).toContain(phone.session_id)
  const codes = [laptop, tablet, phone, stranger].map(refreshCode)
  expect(await Promise.all(codes)).toEqual([
    'refresh_refused',
    'refreshed',
    'refresh_refused',
    'refreshed',
  ])
})

test('a session that began later continues, even if the job is repeated', async () => {
  const [laptop] = await logInTimes('+4915112350004', 1)
  if (!laptop) throw new Error('nobody logged in')
  const job = { devices: { only: [laptop.device_id] }, startedBefore: auth.clock.now }
  await end(laptop, job)
  await expect.poll(() => auth.endedSessions).toContain(laptop.session_id)
  auth.clock.now += 1_000
  const device = { ...newDevice(), deviceId: laptop.device_id as DeviceUuid }
  const again = await logInByPhone(auth, '+4915112350004', device)
  await end(laptop, job)
  await end(laptop, {
    ...job,
    devices: { only: [newDevice().deviceId as typeof laptop.device_id] },
  })
  await new Promise((resolve) => setTimeout(resolve, 50))

  expect(auth.endedSessions.filter((id) => id === laptop.session_id)).toHaveLength(1)
  expect(await refreshCode(again)).toBe('refreshed')
})

test('a session ends even if the database was down for longer than a job is retried', async () => {
  const database = await createMigratedDatabase()
  await using door = await openDoor(database.url)
  const sql = connect(door.url, { maxConnections: 2, applicationName: 'auth' })
  const queue = createInProcessBroker({ log, jobs: { retryDelayMs: 5, maxTries: 2 } })
  await using other = await startAuthOn(sql, auth.config, database, { broker: queue })
  const session = await logInByPhone(other, '+4915112350005')

  door.close()
  await queue.sendJob({
    type: 'sessions.end',
    accountId: session.account_id,
    devices: { only: [session.device_id] },
    startedBefore: other.clock.now,
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(other.endedSessions).toEqual([])
  door.open()

  await expect.poll(() => other.endedSessions).toEqual([session.session_id])
  await sql.end({ timeout: 2 })
})

/** A connection to the database that can be closed. */
async function openDoor(databaseUrl: string) {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let isOpen = true
  const server = createServer((client) => {
    if (!isOpen) {
      client.destroy()
      return
    }
    const upstream = connectSocket(Number(target.port), target.hostname)
    client.pipe(upstream).pipe(client)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const close = () => {
    isOpen = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: Object.assign(new URL(databaseUrl), { hostname: '127.0.0.1', port: `${port}` }).href,
    close,
    open() {
      isOpen = true
    },
    async [Symbol.asyncDispose]() {
      close()
      server.close()
    },
  }
}
