import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ConversationId } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../network/eventually.ts'
import { Person } from '../../network/people.ts'
import { randomFrom } from '../../network/random-from.ts'
import { keepFigures } from '../checker/figures.ts'
import { isLong, seeds } from '../run/fault-run.ts'
import { type Sotto, startTopology, topologies } from '../run/topologies.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
/** The number of messages for each writer in each of the four rounds. */
const MESSAGES = isLong ? 130 : 30
const runs = topologies.flatMap((topology) => seeds.map((seed) => ({ topology, seed })))

const run = (script: string, ...args: string[]) =>
  promisify(execFile)(join(root, 'node_modules/.bin/node'), [
    join(root, `apps/all-in-one/src/${script}.ts`),
    ...args,
  ])

describe.each(runs)('$topology, seed $seed', ({ topology, seed }) => {
  let sotto: Sotto
  let backups: string
  let people: Person[]
  /** The writers with their conversations, and what they wrote. */
  let writers: { person: Person; id: ConversationId; written: string[] }[]

  beforeAll(async () => {
    sotto = await startTopology(topology)
    backups = await mkdtemp(join(tmpdir(), 'sotto-backups-'))
    let phones = 0
    const network = {
      origin: sotto.origin,
      newPhone: () => `+4915124${String(++phones).padStart(6, '0')}`,
      codeFor: (address: string) => sotto.codeFor(address),
    }
    people = await Promise.all(
      ['alice', 'bob', 'carol'].map((name) => Person.signUp(network, name, { withRsa: true })),
    )
    const [alice, bob, carol] = people as [Person, Person, Person]
    const both = (one: Person, other: Person, id: ConversationId) =>
      [one, other].map((person) => ({ person, id, written: [] }))
    writers = [
      ...both(alice, bob, await alice.startConversation(bob)),
      ...both(bob, carol, await bob.startConversation(carol, 'rsa')),
    ]
    // A timeline opened while empty keeps showing everything.
    for (const { person, id } of writers) person.device.messages(id)
  })

  afterAll(async () => {
    await Promise.all(people.map((person) => person.leave()))
    await sotto?.[Symbol.asyncDispose]()
    await rm(backups, { recursive: true, force: true })
  })

  async function writeAll(round: string) {
    await Promise.all(
      writers.map(async ({ person, id, written }) => {
        for (let n = 0; n < MESSAGES; n++) {
          const text = `${round} ${person.name} ${n}`
          await person.commands.send(id, text)
          written.push(text)
        }
      }),
    )
  }

  async function everythingAccepted() {
    await eventually('everything to be accepted', () =>
      writers.every(({ person, id, written }) => {
        const own = person.device.messages(id).filter(({ mine }) => mine)
        return own.length >= written.length && own.every(({ seq }) => seq !== null)
      }),
    )
  }

  test('after an older backup is restored, nothing is lost, duplicated, reordered or made up', async () => {
    await writeAll('before')
    await everythingAccepted()
    // The backup is taken while people write, so it holds a moment in the middle.
    const writing = writeAll('during')
    await sleep(500 * randomFrom(seed)())
    const key = join(backups, 'key')
    const { stdout } = await run('backup', '--new-key', key)
    const recipient = /age1\w+/.exec(stdout)?.[0] ?? ''
    const from = ['--data', sotto.dataFolder, '--recipient', recipient]
    await run('backup', ...from, '--to', backups)
    await writing
    await writeAll('after')
    await everythingAccepted()
    const [file = '', ...more] = (await readdir(backups)).filter((name) => name.endsWith('.age'))
    expect(more).toEqual([])

    const opened = [join(backups, file), '--identity', key]
    const verified = await run('restore', ...opened, '--verify')
    expect(verified.stdout).toContain('can be restored')
    const target = ['--data', sotto.dataFolder]
    await expect(run('restore', ...opened, ...target, '--force')).rejects.toThrow('Stop Sotto')
    await sotto.stop()
    await expect(run('restore', ...opened, ...target)).rejects.toThrow('--force')
    const restored = await run('restore', ...opened, ...target, '--force')
    expect(restored.stdout).toContain('is kept in the database sotto_before_')
    await sotto.start()
    for (const { commands } of people) await commands.reconnect()
    await writeAll('again')

    for (const { person, id, written } of writers) {
      const inConversation = writers.filter((other) => other.id === id)
      const count = inConversation.reduce((sum, other) => sum + other.written.length, 0)
      for (const reader of inConversation.map((other) => other.person)) {
        await eventually(`${reader.name} to have what the server lost`, async () => {
          await reader.device.wholeHistory(id, count)
          const messages = reader.device.messages(id)
          return messages.length === count && messages.every(({ seq }) => seq !== null)
        })
        const shown = reader.device
          .messages(id)
          .filter(({ mine }) => mine === (reader === person))
          .map(({ text }) => text)
        expect(shown).toEqual(written)
        expect(reader.device.notices(id)).toEqual([])
      }
    }
    // Every expectation above held: nothing is lost, duplicated, reordered or made up.
    const accepted = writers.reduce((sum, { written }) => sum + written.length, 0)
    await keepFigures({
      row: 20,
      fault: 'older backup restored (real clients)',
      topology,
      seed,
      findings: { accepted, lost: 0, twice: 0, disorder: 0, ghosts: 0, unlogged: 0 },
      recoveryMs: [],
      beyond: {},
    })
  })

  test('a new device finds the same in the restored log', async () => {
    const [first] = writers
    const { person, id } = first as (typeof writers)[number]
    const count = person.device.messages(id).length
    const device = await person.addDevice()
    await device.conversation(id)

    const texts = await device.wholeHistory(id, count)

    expect(texts).toEqual(person.device.messages(id).map(({ text }) => text))
    expect(device.notices(id)).toEqual([])
  })
})
