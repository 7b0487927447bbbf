import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from '../network/people.ts'
import { nothingWrong, runFault, seeds } from './run/fault-run.ts'
import { type Sotto, startTopology, topologies } from './run/topologies.ts'

const MINUTES = 10
const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'

describe.each(topologies)('%s', (topology) => {
  let folder: string
  let sotto: Sotto
  /** Sets the services' clocks; the database keeps the right time. */
  const setClock = (offset: string) => writeFile(join(folder, 'clock'), `${offset}\n`)

  beforeAll(async () => {
    if (!existsSync(library)) throw new Error(`This test needs ${library} (Debian: faketime).`)
    folder = await mkdtemp(join(tmpdir(), 'sotto-clock-'))
    await setClock(`+${MINUTES}m`)
    const services = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: join(folder, 'clock'),
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_RESET: '1',
    }
    sotto = await startTopology(topology, { services })
  })
  afterAll(async () => {
    await sotto?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  test.each(seeds)(
    'the clock of the server jumps by 20 minutes, and back (seed %d)',
    async (seed) => {
      const run = await runFault({
        row: 10,
        fault: `clock off by +${MINUTES}, then −${MINUTES} minutes`,
        topology,
        place: sotto,
        seed,
        strikes: 2,
        async strike({ strike }) {
          await setClock(`${strike % 2 === 0 ? '-' : '+'}${MINUTES}m`)
          await sleep(2_000)
        },
      })

      await run.keep()
      expect(run.findings).toMatchObject(nothingWrong)
    },
  )

  test('people with wrong clocks see the same order: that of the log', async () => {
    let phones = 0
    const place = {
      origin: sotto.origin,
      newPhone: () => `+491516000000${++phones}`,
      codeFor: (address: string) => sotto.codeFor(address),
    }
    const off = (minutes: number) => ({ now: () => Date.now() + minutes * 60_000 })
    const alice = await Person.signUp(place, 'alice', off(MINUTES))
    const bob = await Person.signUp(place, 'bob', off(-MINUTES))
    const id = await alice.startConversation(bob)
    const texts: string[] = []
    for (let n = 0; n < 10; n++) {
      for (const person of [alice, bob]) {
        texts.push(`${person.name} ${n}`)
        await person.send(id, `${person.name} ${n}`)
      }
    }

    const [first] = alice.device.messages(id)
    // This shows that the server's clock is really wrong.
    expect((first?.at ?? 0) - Date.now()).toBeGreaterThan((MINUTES - 1) * 60_000)
    expect(await alice.device.wholeHistory(id, texts.length)).toEqual(texts)
    expect(await bob.device.wholeHistory(id, texts.length)).toEqual(texts)
    expect([...alice.device.notices(id), ...bob.device.notices(id)]).toEqual([])
    await Promise.all([alice.leave(), bob.leave()])
  })
})
