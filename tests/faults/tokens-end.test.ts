import { setTimeout as sleep } from 'node:timers/promises'
import { CloseCode } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logIn, publish, refresh } from '../../bench/load/accounts.ts'
import { eventually } from '../network/eventually.ts'
import { Person } from '../network/people.ts'
import { Ledger } from './checker/ledger.ts'
import { planted } from './planted/plant.ts'
import { isLong, nothingWrong, runFault, seeds, within } from './run/fault-run.ts'
import { LightDevice } from './run/light-device.ts'
import { type Sotto, startTopology, topologies } from './run/topologies.ts'

/** Includes the grace period that a connection has after its token expires. */
const PAST_THE_END_MS = isLong ? 70_000 : 8_000
const REVOKED_WITHIN_MS = 5_000
/** Well before a token expires. */
const RENEW_EVERY_MS = 15_000

/** Enough that every instance holds some. */
const CONNECTIONS = 8

describe.each(topologies)('%s', (topology) => {
  let sotto: Sotto
  beforeAll(async () => {
    sotto = await startTopology(topology, { services: planted('short-tokens') })
  })
  afterAll(() => sotto?.[Symbol.asyncDispose]())

  test('an expiring token is renewed on the existing connection', async () => {
    let phones = 0
    const place = {
      origin: sotto.origin,
      newPhone: () => `+491514000000${++phones}`,
      codeFor: (address: string) => sotto.codeFor(address),
    }
    const sockets: WebSocket[] = []
    const createWebSocket = (url: string) => {
      const socket = new WebSocket(url)
      sockets.push(socket)
      return socket
    }
    const alice = await Person.signUp(place, 'alice', { createWebSocket })
    const bob = await Person.signUp(place, 'bob')
    const id = await alice.startConversation(bob)
    const [socket] = sockets as [WebSocket]
    const ends: number[] = []
    socket.addEventListener('message', ({ data }) => {
      const frame = JSON.parse(String(data))
      if (frame.type === 'authenticated') ends.push(frame.expiresAt)
    })

    const until = performance.now() + PAST_THE_END_MS
    const texts: string[] = []
    while (performance.now() < until) {
      texts.push(`at ${texts.length}`)
      await alice.send(id, `at ${texts.length - 1}`)
      await sleep(500)
    }

    expect(ends.length).toBeGreaterThan(0)
    expect(sockets).toHaveLength(1)
    expect(await bob.device.wholeHistory(id, texts.length)).toEqual(texts)
    await Promise.all([alice.leave(), bob.leave()])
  })

  test.each(seeds)(
    'tokens end while people write, and sessions are ended (seed %d)',
    async (seed) => {
      let closedMs = 0
      const run = await runFault({
        row: 15,
        fault: 'tokens end while connected; a session is ended',
        topology,
        place: sotto,
        seed,
        strikes: 1,
        async strike({ load }) {
          const until = performance.now() + PAST_THE_END_MS
          while (performance.now() < until) {
            await sleep(Math.min(RENEW_EVERY_MS, PAST_THE_END_MS / 2))
            for (const account of load.accounts) await refresh(sotto, account)
            for (const device of load.devices) device.renew()
          }
          closedMs = await endSession()
        },
      })

      await run.keep({ 'ended session closed': `after ${closedMs.toFixed(0)} ms` })
      expect(run.findings).toMatchObject(nothingWrong)
      expect(run.load.devices.flatMap(({ closeCodes }) => closeCodes)).toEqual([])
      expect(closedMs).toBeLessThan(within(REVOKED_WITHIN_MS))
    },
  )

  /** Ends a session that has a connection to every instance. Returns the milliseconds until all are closed. */
  async function endSession(): Promise<number> {
    const account = await logIn(sotto)
    await publish(sotto, account)
    const connections = Array.from({ length: CONNECTIONS }, (_, n) => {
      const name = `ended${n}`
      const token = () => account.token
      return new LightDevice({
        name,
        origin: sotto.origin,
        token,
        ledger: new Ledger(),
        random: Math.random,
      })
    })
    await eventually('all to be online', () => connections.every(({ isOnline }) => isOnline))
    const headers = { authorization: `Bearer ${account.token}` }

    const endedAt = performance.now()
    const { status } = await fetch(`${sotto.origin}/auth/logout`, { method: 'POST', headers })
    expect(status).toBe(200)
    const haveEnded = () => connections.every(({ closeCodes }) => closeCodes.length > 0)
    await eventually('the end of the connections', haveEnded)
    const closedMs = performance.now() - endedAt

    const codes = new Set(connections.map(({ closeCodes }) => closeCodes[0]))
    expect([...codes]).toEqual([CloseCode.sessionEnded])
    const after = await fetch(`${sotto.origin}/conversations`, { headers })
    expect(after.status).toBe(401)
    for (const device of connections) device.close()
    return closedMs
  }
})
