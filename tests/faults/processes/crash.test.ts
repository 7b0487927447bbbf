import type { ConversationId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../network/eventually.ts'
import { Person } from '../../network/people.ts'
import { randomFrom } from '../../network/random-from.ts'
import { ServerProcess } from '../../programs/server-process.ts'
import { isLong } from '../run/fault-run.ts'

const ROUNDS = isLong ? 6 : 2
const MESSAGES_PER_ROUND = 40
/** To repeat a run that failed: `CRASH_SEED=… npm run unit -- tests/faults`. */
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)

/** A person who writes to another, with everything that the server has promised them. */
interface Writer {
  readonly person: Person
  readonly reader: Person
  readonly id: ConversationId
  readonly written: string[]
  /** Each message's seq when it was accepted. */
  readonly accepted: Map<string, number>
}

let server: ServerProcess
let people: Person[]
let writers: Writer[]

beforeAll(async () => {
  server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100000' })
  let phones = 0
  const network = {
    origin: server.origin,
    newPhone: () => `+4915123${String(++phones).padStart(6, '0')}`,
    codeFor: (address: string) => server.codeFor(address),
  }
  const names = ['alice', 'bob', 'carol', 'dave']
  people = await Promise.all(names.map((name) => Person.signUp(network, name, { withRsa: true })))
  const [alice, bob, carol, dave] = people as [Person, Person, Person, Person]
  writers = [
    ...(await pair(alice, bob, 'ecdh')),
    ...(await pair(carol, dave, 'rsa')),
    ...(await pair(alice, dave, 'ecdh')),
  ]
})
afterAll(async () => {
  await Promise.all(people.map((person) => person.leave()))
  await server[Symbol.asyncDispose]()
})

async function pair(one: Person, other: Person, protocol: 'ecdh' | 'rsa'): Promise<Writer[]> {
  const id = await one.startConversation(other, protocol)
  const writer = (person: Person, reader: Person) => {
    return { person, reader, id, written: [], accepted: new Map() }
  }
  return [writer(one, other), writer(other, one)]
}

async function write({ person, id, written }: Writer, round: number): Promise<void> {
  for (let n = 0; n < MESSAGES_PER_ROUND; n++) {
    const text = `round ${round}, ${person.name} ${n}`
    await person.commands.send(id, text)
    written.push(text)
  }
}

/** Records which messages have been accepted. Returns the total number. */
function noteAccepted(): number {
  for (const { person, id, accepted } of writers) {
    for (const { mine, text, seq } of person.device.messages(id)) {
      if (mine && seq !== null && !accepted.has(text)) accepted.set(text, seq)
    }
  }
  return writers.reduce((sum, { accepted }) => sum + accepted.size, 0)
}

test(`accepted messages are shown once and in order after kill -9 under load (seed ${seed})`, async () => {
  const random = randomFrom(seed)
  const perRound = writers.length * MESSAGES_PER_ROUND
  for (let round = 0; round < ROUNDS; round++) {
    const writing = Promise.all(writers.map((writer) => write(writer, round)))
    const moment = round * perRound + Math.floor(random() * perRound * 0.7)
    await eventually('the moment of the crash', () => noteAccepted() >= moment)

    await server.kill()

    // If all had been accepted, this would not have been a crash under load.
    expect(noteAccepted()).toBeLessThan((round + 1) * perRound)
    await server.start()
    for (const { commands } of people) await commands.reconnect()
    await writing
    await eventually('everything to be accepted', () => noteAccepted() === (round + 1) * perRound)
  }

  for (const { person, reader, id, written, accepted } of writers) {
    const isShown = () => reader.device.messages(id).length >= 2 * written.length
    await eventually(`${reader.name} to have everything`, isShown)
    await reader.device.wholeHistory(id, 2 * written.length)
    const theirs = reader.device.messages(id).filter(({ mine }) => !mine)

    expect(theirs.map(({ text }) => text)).toEqual(written)
    expect(new Map(theirs.map(({ text, seq }) => [text, seq]))).toEqual(accepted)
    expect(reader.device.notices(id)).toEqual([])
    expect(person.device.messages(id).filter(({ status }) => status === 'failed')).toEqual([])
  }
})

test('a new device finds the same in the log', async () => {
  const [{ reader: bob, id, written }] = writers as [Writer]
  const device = await bob.addDevice()
  await device.conversation(id)

  const texts = await device.wholeHistory(id, 2 * written.length)

  expect(texts).toEqual(bob.device.messages(id).map(({ text }) => text))
  expect(device.notices(id)).toEqual([])
})
