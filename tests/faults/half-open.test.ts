import { Health } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../network/eventually.ts'
import { Person } from '../network/people.ts'
import { ServerProcess } from '../network/server-process.ts'
import { keepFigures } from './figures.ts'
import { Link } from './link.ts'

const SERVER_NOTICES_MS = 45_000
const CLIENT_NOTICES_MS = 30_000

let server: ServerProcess
let link: Link
beforeAll(async () => {
  server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100000' })
  link = await Link.to(Number(new URL(server.origin).port), 'localhost')
})
afterAll(async () => {
  await link[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

test('a link that falls silent is noticed at both ends, and nothing is lost', async () => {
  let phones = 0
  const place = {
    origin: server.origin,
    newPhone: () => `+491515000000${++phones}`,
    codeFor: (address: string) => server.codeFor(address),
  }
  const alice = await Person.signUp(place, 'alice', { origin: link.origin })
  const bob = await Person.signUp(place, 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'before')
  const live = await connections()

  link.set('silent')
  const from = performance.now()
  await alice.commands.send(id, 'hers, meanwhile')
  await bob.send(id, 'his, meanwhile')
  const since = () => performance.now() - from
  const isOffline = () =>
    alice.device.client.snapshot({ view: 'connection' })?.state !== 'online' && since()
  const [clientMs, serverMs] = await Promise.all([
    eventually('the client to notice', isOffline, 60_000),
    eventually('the server to notice', async () => (await connections()) < live && since(), 60_000),
  ])
  link.set('clear')
  await alice.commands.reconnect()

  const texts = ['before', 'his, meanwhile', 'hers, meanwhile']
  const hers = await alice.device.wholeHistory(id, texts.length)
  const his = await bob.device.wholeHistory(id, texts.length)
  const findings = { accepted: 3, lost: 0, twice: 0, disorder: 0, ghosts: 0, unlogged: 0 }
  const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`
  const beyond = { 'client notices': seconds(clientMs), 'server notices': seconds(serverMs) }
  expect(hers).toEqual(his)
  expect([...hers].sort()).toEqual([...texts].sort())
  await keepFigures({
    row: 6,
    fault: 'half-open connection',
    topology: 'all-in-one',
    seed: 0,
    findings,
    recoveryMs: [],
    beyond,
  })
  expect(clientMs).toBeLessThanOrEqual(CLIENT_NOTICES_MS)
  expect(serverMs).toBeLessThanOrEqual(SERVER_NOTICES_MS)
  await Promise.all([alice.leave(), bob.leave()])
}, 120_000)

/** The live connections, as the server counts them. */
async function connections(): Promise<number> {
  const answer = await fetch(`${server.origin}/health`)
  const { parts } = Health.parse(await answer.json())
  return Number.parseInt(parts.websocket?.detail ?? '', 10)
}
