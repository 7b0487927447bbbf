import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../network/eventually.ts'
import { Person } from '../../network/people.ts'
import { Link } from '../disturbances/link.ts'
import { nothingWrong, runFault, seeds } from '../run/fault-run.ts'
import { type Sotto, startTopology, topologies } from '../run/topologies.ts'

const SERVER_NOTICES_MS = 45_000
const CLIENT_NOTICES_MS = 30_000

describe.each(topologies)('%s', (topology) => {
  let sotto: Sotto
  let link: Link
  beforeAll(async () => {
    sotto = await startTopology(topology)
    link = await Link.to(Number(new URL(sotto.origin).port), 'localhost')
  })
  afterAll(async () => {
    await link?.[Symbol.asyncDispose]()
    await sotto?.[Symbol.asyncDispose]()
  })

  test('a link that goes silent is noticed at both ends, and nothing is lost', async () => {
    let phones = 0
    const place = {
      origin: sotto.origin,
      newPhone: () => `+491515000000${++phones}`,
      codeFor: (address: string) => sotto.codeFor(address),
    }
    const alice = await Person.signUp(place, 'alice', { origin: link.origin })
    const bob = await Person.signUp(place, 'bob')
    const id = await alice.startConversation(bob)
    await alice.send(id, 'before')
    const live = await sotto.connections()

    link.set('silent')
    const from = performance.now()
    await alice.commands.send(id, 'hers, meanwhile')
    await bob.send(id, 'his, meanwhile')
    const since = () => performance.now() - from
    const stateOf = () => alice.device.client.snapshot({ view: 'connection' })?.state
    const isOffline = () => ['connecting', 'offline'].includes(stateOf() ?? '') && since()
    const [clientMs, serverMs] = await Promise.all([
      eventually('the client to notice', isOffline),
      eventually('the server to notice', async () => (await sotto.connections()) < live && since()),
    ])
    link.set('clear')
    await alice.commands.reconnect()

    const texts = ['before', 'his, meanwhile', 'hers, meanwhile']
    const hers = await alice.device.wholeHistory(id, texts.length)
    const his = await bob.device.wholeHistory(id, texts.length)
    expect(hers).toEqual(his)
    expect([...hers].sort()).toEqual([...texts].sort())
    expect(clientMs).toBeLessThanOrEqual(CLIENT_NOTICES_MS)
    expect(serverMs).toBeLessThanOrEqual(SERVER_NOTICES_MS)
    await Promise.all([alice.leave(), bob.leave()])
  })

  test.each(seeds)(
    'the links of every second device go silent while people write (seed %d)',
    async (seed) => {
      let clientMs = 0
      let serverMs = 0
      const run = await runFault({
        row: 6,
        fault: 'half-open connections',
        topology,
        place: sotto,
        seed,
        strikes: 1,
        perSecond: 60,
        deviceOrigins: [sotto.origin, link.origin],
        async strike({ load }) {
          const silent = load.devices.filter((_, n) => n % 2 === 1)
          const live = await sotto.connections()
          link.set('silent')
          const from = performance.now()
          const since = () => performance.now() - from
          const haveNoticed = () => silent.every(({ closeCodes }) => closeCodes.length > 0)
          const isNoticed = async () => (await sotto.connections()) <= live - silent.length
          const [client, server] = await Promise.all([
            eventually('the clients to notice', () => haveNoticed() && since()),
            eventually('the server to notice', async () => (await isNoticed()) && since()),
          ])
          clientMs = client
          serverMs = server
          link.set('clear')
        },
      })

      const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`
      await run.keep({ 'client notices': seconds(clientMs), 'server notices': seconds(serverMs) })
      expect(run.findings).toMatchObject(nothingWrong)
      expect(clientMs).toBeLessThanOrEqual(CLIENT_NOTICES_MS)
      expect(serverMs).toBeLessThanOrEqual(SERVER_NOTICES_MS)
    },
  )
})
