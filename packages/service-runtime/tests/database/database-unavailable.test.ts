import { once } from 'node:events'
import { connect as connectSocket, createServer, type Socket } from 'node:net'
import { authRequests } from '@sotto/wire'
import { expect, test } from 'vitest'
import { createTestDatabase } from '../../../../tests/postgres/test-database.ts'
import { connect, createApp, createLogger, route, type Sql } from '../../src/index.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const unavailable = { status: 503, body: { code: 'unavailable' } }

/** A connection to the database that can go silent, like an unplugged cable. */
async function startLink(databaseUrl: string) {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let isSilent = false
  const server = createServer((client) => {
    const upstream = connectSocket(Number(target.port), target.hostname)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => void (isSilent || to.write(chunk)))
      from.on('close', () => to.destroy())
      from.on('error', () => {})
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: Object.assign(new URL(databaseUrl), { hostname: '127.0.0.1', port: `${port}` }).href,
    fallSilent() {
      isSilent = true
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function appOn(sql: Sql, answerWithinMs?: number) {
  const app = createApp({ log })
  const options = answerWithinMs === undefined ? {} : { handlerTimeout: answerWithinMs }
  app.get('/', options, async () => ({ rows: (await sql`select 1 as one`).length }))
  app.get('/locked', async () => {
    await sql.begin(async (tx) => {
      await tx`set local lock_timeout = '100ms'`
      await tx`select from things for update`
    })
    return {}
  })
  app.get('/slow', options, async () => {
    await sql.begin(async (tx) => {
      await tx`set local statement_timeout = '100ms'`
      await tx`select pg_sleep(10)`
    })
    return {}
  })
  return async (url: string) => {
    const answer = await app.inject({ method: 'GET', url })
    return { status: answer.statusCode, body: answer.json() }
  }
}

test('a request that waits too long for a lock or a statement is told to retry', async () => {
  await using database = await createTestDatabase()
  await database.sql`create table things as select 1 as id`
  const get = appOn(database.sql)
  const release = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const holding = database.sql.begin(async (tx) => {
    await tx`select from things for update`
    held.resolve()
    await release.promise
  })
  await held.promise

  expect(await get('/locked')).toEqual(unavailable)
  expect(await get('/slow')).toEqual(unavailable)
  release.resolve()
  await holding
  expect((await get('/locked')).status).toBe(200)
})

test('requests wait for an exhausted pool, but not forever', async () => {
  await using database = await createTestDatabase()
  const sql = connect(database.url, { maxConnections: 2, applicationName: 'test' })
  const get = appOn(sql, 500)
  const release = Promise.withResolvers<void>()
  const holding = [0, 1].map(() => sql.begin(() => release.promise))

  expect(await get('/slow')).toEqual(unavailable)
  release.resolve()
  await Promise.all(holding)
  expect((await get('/')).status).toBe(200)
  await sql.end({ timeout: 1 })
})

test('a request is answered in time although the database has gone silent', async () => {
  await using database = await createTestDatabase()
  await using link = await startLink(database.url)
  const sql = connect(link.url, { maxConnections: 2, applicationName: 'test' })
  // The first connection may take longer than half a second.
  expect((await appOn(sql)('/')).status).toBe(200)
  link.fallSilent()

  expect(await appOn(sql, 500)('/')).toEqual(unavailable)
  await sql.end({ timeout: 0 })
})

test('an unreachable database is unavailable', async () => {
  const sql = connect('postgres://nobody:nothing@127.0.0.1:1/none', {
    maxConnections: 2,
    applicationName: 'test',
  })
  expect(await appOn(sql)('/')).toEqual(unavailable)
  await sql.end({ timeout: 0 })
})

test('every endpoint has a time limit, longer than a statement may take', async () => {
  const app = createApp({ log })
  const limits: (number | undefined)[] = []
  app.addHook('onRoute', ({ handlerTimeout }) => void limits.push(handlerTimeout))
  const { jwks } = authRequests
  route(app, jwks, async () => ({ keys: [] }))

  expect(limits).toEqual([20_000])
})
