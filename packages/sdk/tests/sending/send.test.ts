import { type ClientFrame, ConversationId, EnvelopeId, type NewEnvelope } from '@sotto/wire'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import {
  adoptWaiting,
  discardMessage,
  failMessage,
  retryMessage,
  sendMessage,
} from '../../src/sending/send.ts'
import type { OpenedEntry, OutboxItem } from '../../src/storage/records/log.ts'
import { ChatServer } from '../world/chat-server.ts'
import { Device } from '../world/device.ts'
import type { PowerCut } from '../world/disk.ts'
import { type Enrolled, Person } from '../world/person.ts'
import { tries } from '../world/tries.ts'

let alice: Person
let bob: Person
/** The ids under which Alice's device is enrolled, one after the other. */
let enrollments: Enrolled[]
let bobsPhone: Enrolled

beforeAll(async () => {
  ;[alice, bob] = await Promise.all([Person.create('alice'), Person.create('bob')])
  enrollments = await Promise.all([alice.enroll(), alice.enroll(), alice.enroll()])
  bobsPhone = await bob.enroll()
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const id = ConversationId.parse(crypto.randomUUID())

type Fate = 'accepted' | 'unavailable' | 'quota_exceeded'

/** Alice's device, whose power may fail at any write, with her connection and the server. */
class Scene {
  readonly server = new ChatServer(alice, bob)
  /** The messages that Alice wrote and did not discard. */
  readonly written = new Set<EnvelopeId>()
  device!: Device
  #inFlight: NewEnvelope[] = []
  #isConnected = false
  #enrollment = 0

  static async open(): Promise<Scene> {
    const scene = new Scene()
    scene.server.create(id, alice.accountId, { [bob.accountId]: 'accepted' })
    await scene.#start()
    return scene
  }

  /** Makes the device do something. If the power fails during it, the device starts again. */
  async does(work: (device: Device) => Promise<unknown>): Promise<void> {
    const result = await this.device.survives(work(this.device))
    if (result === 'ended') await this.#start()
  }

  async write(): Promise<void> {
    const message = EnvelopeId.parse(crypto.randomUUID())
    const content = { type: 'text', text: `text of ${message}` } as const
    await this.does(async ({ writing }) => sendMessage(writing, id, content, message))
    // A message that was not stored before the power failed was never written.
    const isStored = this.items.some(({ envelope }) => envelope.id === message)
    if (isStored) this.written.add(message)
  }

  async discard(which: number): Promise<void> {
    const item = this.items[which]
    if (!item) return
    await this.does(({ writing }) => discardMessage(writing, id, item.envelope.id))
    const isGone = !this.items.some(({ envelope }) => envelope.id === item.envelope.id)
    if (isGone) this.written.delete(item.envelope.id)
  }

  async retry(which: number): Promise<void> {
    const item = this.items.filter(({ state }) => state === 'failed')[which]
    if (item) await this.does(({ writing }) => retryMessage(writing, id, item.envelope.id))
  }

  /** A key change is noticed that the person turns out to have expected. */
  async fail(which: number): Promise<void> {
    const item = this.items[which]
    if (item) await this.does(({ writing }) => failMessage(writing, item, 'key_changed'))
  }

  read(): Promise<void> {
    return this.does((device) => device.catchUp())
  }

  connect(): void {
    if (this.#isConnected) return
    this.#isConnected = true
    this.device.connect((frame) => this.#transmit(frame))
  }

  cut(): void {
    this.#isConnected = false
    this.#inFlight = []
    this.device.deliver.disconnected()
  }

  /**
   * The server decides the next envelope. With `isLost`, the connection breaks before the device learns the verdict.
   */
  async next(fate: Fate, isLost: boolean): Promise<void> {
    const envelope = this.#inFlight.shift()
    if (!envelope) return
    const { id: deviceId, accountId } = this.device
    const refusal = fate === 'accepted' ? undefined : fate
    const verdict = this.server.send({ accountId, deviceId }, envelope, refusal)
    if (isLost) this.cut()
    else await this.does(({ deliver }) => deliver.decided([verdict]))
  }

  /** The account's session ended, and the device is enrolled under another id. */
  async enroll(): Promise<void> {
    this.#enrollment = Math.min(this.#enrollment + 1, enrollments.length - 1)
    await this.#start()
  }

  /** From here on, nothing fails. */
  async settle(): Promise<void> {
    this.device.disk.failNoMore()
    for (let left = 50; left > 0; left -= 1) {
      await this.read()
      this.connect()
      while (this.#inFlight.length > 0) await this.next('accepted', false)
      if (this.items.every(({ state }) => state === 'failed')) break
      vi.advanceTimersByTime(8_100)
    }
    await this.read()
  }

  get items(): readonly OutboxItem[] {
    return this.device.parts.outbox.of(id)
  }

  /** The messages as Bob reads them. */
  async readByBob(): Promise<OpenedEntry[]> {
    const device = await Device.start({ server: this.server, person: bob, enrolled: bobsPhone })
    await device.catchUp()
    return readAll(device)
  }

  async #start(): Promise<void> {
    const enrolled = enrollments[this.#enrollment] as Enrolled
    const { server } = this
    this.#isConnected = false
    this.#inFlight = []
    const before: Device | undefined = this.device
    this.device = before
      ? await before.restart({ enrolled })
      : await Device.start({ server, person: alice, enrolled })
    await this.does(async (device) => {
      await adoptWaiting(device.writing)
      await device.catchUp()
    })
  }

  #transmit(frame: ClientFrame): void {
    if (frame.type === 'send') this.#inFlight.push(...frame.envelopes)
  }
}

/** The whole log, as a device has it. */
async function readAll(device: Device): Promise<OpenedEntry[]> {
  while (device.parts.conversations.load(id).window.first > 1) await device.receive.fetchOlder(id)
  const entries = await device.log(id)
  return entries.map((entry) => {
    if (entry.kind !== 'message') throw new Error(`a message cannot be read: ${entry.kind}`)
    return entry
  })
}

const nth = fc.nat(3)
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ what: 'write' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('next' as const),
      fate: fc.constantFrom<Fate>('accepted', 'accepted', 'unavailable', 'quota_exceeded'),
      isLost: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ what: 'connect' as const }) },
  fc.constant({ what: 'cut' as const }),
  fc.constant({ what: 'read' as const }),
  fc.constant({ what: 'enroll' as const }),
  fc.record({ what: fc.constantFrom('discard', 'retry', 'fail'), which: nth }),
  fc.record({ what: fc.constant('wait' as const), ms: fc.constantFrom(600, 9_000, 21_000) }),
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('power cut' as const),
      at: fc.record({ after: fc.nat(3), isWritten: fc.boolean() }),
    }),
  },
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

async function make(scene: Scene, one: Happening): Promise<void> {
  switch (one.what) {
    case 'next':
      return scene.next(one.fate, one.isLost)
    case 'discard':
    case 'retry':
    case 'fail':
      return scene[one.what](one.which)
    case 'wait':
      vi.advanceTimersByTime(one.ms)
      return
    case 'power cut':
      scene.device.disk.failAt(one.at satisfies PowerCut)
      return
    default:
      return scene[one.what]()
  }
}

/** Runs a story to its end, and returns what Bob has read by then. */
async function tell(story: readonly Happening[]) {
  const scene = await Scene.open()
  for (const one of story) await make(scene, one)
  await scene.settle()
  return { scene, read: await scene.readByBob() }
}

const stories = fc.array(happening, { minLength: 10, maxLength: 40 })

test('every message that was written and neither discarded nor refused arrives exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { scene, read } = await tell(story)
      const failed = new Set(scene.items.map(({ envelope }) => envelope.id))
      const arrived = read.map((entry) => entry.id)
      expect(new Set(arrived).size).toBe(arrived.length)
      for (const message of scene.written) {
        expect([...arrived, ...failed]).toContain(message)
      }
      for (const { id: message, content } of read) expect(content.body).toBe(`text of ${message}`)
    }),
    tries(40),
  )
})

/**
 * Counters of Alice's devices that neither arrived nor were reported, and that the next message won't report either.
 */
function unexplained({ device }: Scene, read: readonly OpenedEntry[]): number[] {
  const { counters } = device.parts.conversations.load(id)
  return enrollments.flatMap(({ deviceId }) => {
    const own = read.filter((entry) => entry.deviceId === deviceId)
    const arrived = own.map(({ counter }) => counter)
    const isCurrent = deviceId === counters.deviceId
    const reported = [
      ...own.flatMap(({ skipped }) => skipped),
      ...(isCurrent ? counters.skipped : []),
    ]
    const known = new Set([...arrived, ...reported])
    const last = isCurrent ? counters.next - 1 : Math.max(0, ...arrived)
    return Array.from({ length: last }, (_, i) => i + 1).filter((counter) => !known.has(counter))
  })
}

test('no two messages have the same counter, and every counter arrives, is reported or will be', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { scene, read } = await tell(story)
      const names = read.map(({ deviceId, counter }) => `${deviceId} ${counter}`)
      expect(new Set(names).size).toBe(names.length)
      expect(unexplained(scene, read)).toEqual([])
    }),
    tries(40),
  )
})

test('the log of the device is the log of the server', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { scene, read } = await tell(story)
      const facts = ({ seq, id: message, deviceId, counter, skipped }: OpenedEntry) => {
        return { seq, message, deviceId, counter, skipped }
      }
      expect((await readAll(scene.device)).map(facts)).toEqual(read.map(facts))
    }),
    tries(40),
  )
})

test('a counter that a second sealing took is reported when the server has the first sealing', async () => {
  const { scene, read } = await tell([
    { what: 'connect' },
    { what: 'write' },
    { what: 'next', fate: 'accepted', isLost: false },
    { what: 'write' },
    { what: 'next', fate: 'accepted', isLost: true },
    // The message failed here because of a key change, and then is sealed again.
    { what: 'fail', which: 0 },
    { what: 'retry', which: 0 },
    { what: 'connect' },
    { what: 'next', fate: 'accepted', isLost: false },
  ])

  expect(read.map(({ counter }) => counter)).toEqual([1, 2])
  expect(unexplained(scene, read)).toEqual([])
})

test('a counter of a new enrollment is reported when the server has the message from the former one', async () => {
  const { scene, read } = await tell([
    { what: 'connect' },
    { what: 'write' },
    { what: 'next', fate: 'accepted', isLost: true },
    { what: 'enroll' },
  ])

  expect(read).toHaveLength(1)
  expect(unexplained(scene, read)).toEqual([])
})

test('counters skipped by a message that is itself discarded are reported by the next one', async () => {
  const { scene, read } = await tell([
    { what: 'write' },
    { what: 'write' },
    { what: 'fail', which: 0 },
    { what: 'fail', which: 1 },
    { what: 'retry', which: 0 },
    // The retried message is now the last one.
    { what: 'fail', which: 1 },
    { what: 'write' },
  ])

  expect(read.map(({ skipped }) => [...skipped].sort())).toEqual([[1, 2, 3]])
  expect(unexplained(scene, read)).toEqual([])
})
