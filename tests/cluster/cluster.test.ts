import { execFileSync } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from '@sotto/local-postgres'
import { Health, readOperatorFile } from '@sotto/service-runtime'
import type { ConversationId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runAdmin } from '../../apps/admin/src/run-admin.ts'
import { eventually } from '../network/eventually.ts'
import { Person } from '../network/people.ts'
import type { ClusterProcess, PartName } from '../programs/cluster-process.ts'
import { answeredBy, readCounters } from './counters.ts'
import { processTree } from './process-tree.ts'
import { type ProductionCluster, startProduction } from './production.ts'
import { askAgainAndAgain } from './steady-requests.ts'
import { TwoPeople } from './two-people.ts'

let production: ProductionCluster
let cluster: ClusterProcess
let alice: Person
let bob: Person
let ecdh: ConversationId
let rsa: ConversationId
let people: TwoPeople

beforeAll(async () => {
  production = await startProduction()
  cluster = production.cluster
  people = await TwoPeople.start(production)
  ;({ alice, bob, ecdh, rsa } = people)
})
afterAll(async () => {
  await people?.[Symbol.asyncDispose]()
  await production?.[Symbol.asyncDispose]()
})

const missTheDatabase = ({ parts }: Health) =>
  parts.auth?.status === 'degraded' && parts.chat?.status === 'degraded'

const growth = (before: readonly number[], after: readonly number[]) =>
  after.map((count, n) => count - (before[n] ?? 0))
const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0)

test('people at different websocket instances communicate through both chat instances', async () => {
  const rounds = 10
  const before = await people.meetApart()
  for (let n = 0; n < rounds; n += 1) {
    for (const id of [ecdh, rsa]) {
      await alice.send(id, `alice ${n} ${id}`)
      expect((await bob.nextMessage()).text).toBe(`alice ${n} ${id}`)
      await bob.send(id, `bob ${n} ${id}`)
      expect((await alice.nextMessage()).text).toBe(`bob ${n} ${id}`)
    }
  }

  const after = await readCounters(cluster)
  const accepted = growth(before.accepted, after.accepted)
  expect(sum(accepted)).toBe(4 * rounds)
  expect(Math.min(...accepted)).toBeGreaterThan(0)
  expect(Math.min(...growth(before.delivered, after.delivered))).toBeGreaterThanOrEqual(2 * rounds)
  // Each envelope travels in a command to chat and in an event to websocket.
  const envelopeBytes = 500
  const carried = after.throughRabbitmq - before.throughRabbitmq
  expect(carried).toBeGreaterThan(2 * 4 * rounds * envelopeBytes)
  expect(after.throughNginx).toBeGreaterThan(before.throughNginx)
  // WebSockets are logged when they end.
  const logged = async () => (await answeredBy(cluster, 'chat')).every(Boolean)
  await eventually('both chat instances to stand in the log of the gateway', logged)
})

test("the operator's commands find the cluster by its data folder and can permanently remove an account", async () => {
  const operate = async (...args: string[]) => {
    const printed: string[] = []
    const status = await runAdmin([...args, '--json', '--yes', '--data', cluster.dataFolder], {
      env: {},
      print: (text) => void printed.push(text),
      printError: (text) => void printed.push(text),
      ask: async () => false,
      now: Date.now,
    })
    return { status, answer: JSON.parse(printed.join('\n')) }
  }
  const carol = await Person.signUp(production.place, 'carol')
  const id = await carol.startConversation(alice)
  await carol.send(id, 'hello')
  await alice.device.message(id, ({ text }) => text === 'hello')
  const listed = await operate('accounts')
  expect(listed.answer.accounts.map(({ name }: { name: string }) => name).sort()).toEqual([
    'alice',
    'bob',
    'carol',
  ])
  expect(await operate('send-test-code', 'ada@example.org')).toMatchObject({
    status: 0,
    answer: { isTaken: true },
  })

  const { accountId } = carol
  expect(await operate('remove', accountId)).toMatchObject({ status: 0, answer: { isGone: true } })
  await carol.device.eventually('the end', () => carol.device.session().stage === 'signed_out')
  await alice.device.conversation(id, ({ state }) => state === 'ended')
  expect((await operate('account', accountId)).status).toBe(1)
  await carol.leave()
  const path = '/operator/auth/invitations'
  const [auth = ''] = (await readOperatorFile(cluster.dataFolder))?.auth ?? []
  expect((await fetch(auth + path)).status).toBe(401)
  expect((await fetch(cluster.origin + path)).status).toBe(404)
})

test('in production, only the gateway listens on external addresses', async () => {
  const { ports } = await cluster.status()
  const lines = execFileSync('ss', ['-ltnpH'], { encoding: 'utf8' }).trim().split('\n')
  const group = processTree(cluster.pid)
  const own = lines.filter((line) => group.some((pid) => line.includes(`pid=${pid},`)))
  const addresses = own.map((line) => line.split(/\s+/)[3] ?? '')
  const open = addresses.filter((address) => !/^(127\.0\.0\.1|\[::1\]):/.test(address))

  expect(addresses.length).toBeGreaterThan(10)
  const gatewayPorts = [ports.http, ports.https].map((port) => `:${port}`)
  expect(open.filter((address) => !gatewayPorts.some((port) => address.endsWith(port)))).toEqual([])
  expect(open.length).toBeGreaterThanOrEqual(2)
})

test.each([
  ['a body that is too large', 413, 'too_large', '/auth/phone/start', 'x'.repeat(600_000)],
  ['no JSON', 400, 'invalid_request', '/auth/phone/start', '{'],
  ['an unknown path of a service', 404, 'not_found', '/auth/nothing', '{}'],
  ['an unknown path', 404, 'not_found', '/nothing', undefined],
  ['nobody', 401, 'unauthenticated', '/conversations', undefined],
])('%s is answered with %i %s', async (_, status, code, path, body) => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(cluster.origin + path, {
    headers,
    ...(body !== undefined && { method: 'POST', body }),
  })
  expect([response.status, await response.json()]).toEqual([
    status,
    expect.objectContaining({ code }),
  ])
  expect(response.headers.get('server')).toBe('nginx')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('strict-transport-security')).toBeNull()
})

test('redirects requests without TLS to the public address', async () => {
  const { ports } = await cluster.status()
  const response = await fetch(`http://localhost:${ports.http}/users?a=b`, { redirect: 'manual' })
  expect([response.status, response.headers.get('location')]).toEqual([
    308,
    `${cluster.origin}/users?a=b`,
  ])
})

test('a request has the same id at the gateway and in the service', async () => {
  await fetch(`${cluster.origin}/.well-known/jwks.json`)
  const ids = (log: string, field: string) =>
    log.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)[field] as unknown]))
  await eventually('the same id in both logs', async () => {
    const atGateway = new Set(ids(await cluster.logs('nginx-access'), 'requestId'))
    return ids(await cluster.logs('auth.'), 'reqId').some((id) => atGateway.has(id))
  })
})

test('a program on this machine cannot impersonate users at a service', async () => {
  const { port } = await cluster.part('auth')
  const body = JSON.stringify({ ticket: 'a'.repeat(43), registrationRequest: 'AAAA' })
  const pretend = async (n: number) => {
    const headers = {
      'content-type': 'application/json',
      'x-forwarded-for': `203.0.113.${n}`,
      'x-sotto-gateway': 'b7Kx2mQz90Vr-g4t3w4y-of-the-tests',
    }
    const url = `http://127.0.0.1:${port}/auth/password/register-start`
    return (await fetch(url, { method: 'POST', headers, body })).status
  }
  const statuses: number[] = []
  while (statuses.length < 130) statuses.push(await pretend(statuses.length))
  expect(statuses.slice(0, 100)).not.toContain(429)
  expect(statuses.at(-1)).toBe(429)
})

test('only the gateway can read its secret, and no log contains it', async () => {
  const file = join(cluster.dataFolder, 'run/nginx/nginx.conf')
  const secret = /proxy_set_header x-sotto-gateway (\S+);/.exec(await readFile(file, 'utf8'))?.[1]
  expect(secret).toMatch(/^[\w-]{43}$/)
  expect((await stat(file)).mode & 0o077).toBe(0)
  const told = (await cluster.logs()) + cluster.printed
  expect(told).not.toContain(secret)
})

test('without the database, health reports name the failing parts, and nothing is restarted', async () => {
  const read = async () => {
    const response = await fetch(`${cluster.origin}/health`)
    return { code: response.status, ...Health.parse(await response.json()) }
  }
  const pids = async () => {
    const { parts } = await cluster.status()
    return parts.filter(({ name }) => name !== 'postgres').map(({ name, pid }) => [name, pid])
  }
  expect(await read()).toMatchObject({ code: 200, status: 'ok' })
  const before = await pids()

  await cluster.stopPart('postgres')
  try {
    // Each of the two checks separately, so one may notice before the other.
    const degraded = async () => {
      const told = await read()
      return missTheDatabase(told) && told
    }
    const { code, parts } = await eventually('both to miss the database', degraded)
    expect(code).toBe(503)
    expect(parts.auth?.detail).toContain('database')
    expect(parts.chat?.detail).toContain('database')
    expect(parts.websocket).toEqual({ status: 'ok' })
    // Another instance may answer this time, and each one checks separately.
    await eventually('the cluster to say the same', async () => {
      const told = await cluster.health()
      return told && missTheDatabase(told)
    })
    expect(await pids()).toEqual(before)
  } finally {
    await cluster.startPart('postgres')
  }
  await eventually('all to be well', async () => (await read()).code === 200)
  expect(await pids()).toEqual(before)
})

test('a rolling restart of all services goes unnoticed', async () => {
  const from = alice.device.messages(ecdh).length
  people.closes.length = 0
  const requests = askAgainAndAgain(cluster.origin, [
    '/.well-known/jwks.json',
    '/conversations',
    '/',
  ])
  const texts: string[] = []
  const writing = new AbortController()
  const written = (async () => {
    while (!writing.signal.aborted) {
      texts.push(`through a restart ${texts.length}`)
      await alice.commands.send(ecdh, texts.at(-1) ?? '')
      await new Promise((next) => setTimeout(next, 20))
    }
  })()

  await cluster.rollingRestart()
  writing.abort()
  await written

  const { unexpected, count } = await requests.stop()
  expect(unexpected).toEqual([])
  expect(count).toBeGreaterThan(50)
  const shown = () =>
    bob.device
      .messages(ecdh)
      .slice(from)
      .map(({ text }) => text)
  await eventually('everything to be shown', () => shown().length >= texts.length)
  expect(shown()).toEqual(texts)
  // Only clean closes. Each of the two instances may have been hers.
  expect(people.closes.filter((code) => code !== 1012)).toEqual([])
  expect(people.closes.length).toBeLessThanOrEqual(2)
})

test.each(['nginx', 'auth', 'chat-1', 'websocket-2', 'rabbitmq', 'postgres'] satisfies PartName[])(
  'after kill -9 of %s, people communicate again',
  async (name) => {
    const { pid } = await cluster.part(name)
    await cluster.kill(name)
    await cluster.untilReady(name, pid ?? undefined)

    await alice.send(ecdh, `after the end of ${name}`)
    await bob.device.message(ecdh, ({ text }) => text === `after the end of ${name}`)
  },
)

test('the remains of a killed supervisor end, and a new one continues', async () => {
  const pids = (await cluster.status()).parts.flatMap(({ pid }) => (pid === null ? [] : [pid]))
  await cluster.killSupervisor()
  await eventually('everything to end', () => pids.every((pid) => !isAlive(pid)))

  await cluster.start()
  await alice.send(ecdh, 'after the supervisor')
  await bob.device.message(ecdh, ({ text }) => text === 'after the supervisor')
  expect(alice.device.failures).toEqual([])
})
