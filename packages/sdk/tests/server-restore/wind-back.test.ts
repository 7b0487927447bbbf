import { ConversationId, type EnvelopeId, type NewEnvelope } from '@sotto/wire'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ClientError, mayPass } from '../../src/api/errors.ts'
import { stateIn } from '../../src/conversations/conversation-record.ts'
import { Receipts } from '../../src/conversations/receipts.ts'
import { adoptWaiting } from '../../src/sending/send.ts'
import { ChatServer } from '../world/chat-server.ts'
import { Device } from '../world/device.ts'
import { type Enrolled, Person } from '../world/person.ts'
import { tries } from '../world/tries.ts'
import { TwoPeople } from '../world/two-people.ts'

type Name = 'alice' | 'bob'

let people: Readonly<Record<Name, Person>>
/** Each device enrolls a second time after its session was lost. */
let enrollments: Readonly<Record<Name, readonly [Enrolled, Enrolled]>>

const id = ConversationId.parse(crypto.randomUUID())

beforeAll(async () => {
  const [alice, bob] = await Promise.all([Person.create('alice'), Person.create('bob')])
  people = { alice, bob }
  enrollments = {
    alice: [await alice.enroll(), await alice.enroll()],
    bob: [await bob.enroll(), await bob.enroll()],
  }
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** One of the two people, with the messages that they wrote and read. */
class Side {
  device: Device
  readonly written: EnvelopeId[] = []
  readonly read = new Set<EnvelopeId>()
  readonly #name: Name
  #inFlight: NewEnvelope[] = []

  static async open(name: Name, server: ChatServer): Promise<Side> {
    const [enrolled] = enrollments[name]
    const side = new Side(name, await Device.start({ server, person: people[name], enrolled }))
    await side.device.catchUp()
    return side
  }

  private constructor(name: Name, device: Device) {
    this.#name = name
    this.device = device
  }

  async does(work: (device: Device) => Promise<unknown>): Promise<void> {
    const failed = (error: unknown) => {
      if (!mayPass(error)) throw error
    }
    const result = await this.device.survives(work(this.device).catch(failed))
    if (result === 'ended') await this.#restart({})
  }

  async write(): Promise<void> {
    const before = new Set(this.#waiting)
    await this.does((device) => device.write(id, `by ${this.#name}`))
    this.written.push(...this.#waiting.filter((message) => !before.has(message)))
  }

  /** A connection on which everything waiting is sent. `isLost`: verdicts do not arrive. */
  async send(isLost: boolean): Promise<void> {
    let isCompared = false
    await this.does(async (device) => {
      await device.catchUp()
      isCompared = true
    })
    // Nothing is sent before the logs were compared.
    if (!isCompared) return
    const { device } = this
    const { server } = device.options
    const writer = { accountId: device.accountId, deviceId: device.id }
    device.connect((frame) => {
      if (frame.type === 'send') this.#inFlight.push(...frame.envelopes)
    })
    for (let next = this.#inFlight.shift(); next; next = this.#inFlight.shift()) {
      const verdict = server.send(writer, next)
      if (!isLost) await this.does(({ deliver }) => deliver.decided([verdict]))
    }
    this.device.deliver.disconnected()
  }

  /** Reads everything that is here; with `isTold`, the server gets the mark. */
  async markRead(isTold: boolean): Promise<void> {
    await this.does(async (device) => {
      const { context, parts } = device
      await new Receipts({ ...context, ...parts, onError: () => {} }).markRead(id)
      const { window } = parts.conversations.load(id)
      const server = device.options.server
      if (isTold && server.conversation(id)) {
        server.mark(id, device.accountId, window.newest, window.newest)
      }
      for (const entry of await device.log(id)) this.read.add(entry.id)
    })
  }

  async enroll(): Promise<void> {
    await this.#restart({ enrolled: enrollments[this.#name][1] })
  }

  async #restart(changes: { enrolled?: Enrolled }): Promise<void> {
    this.#inFlight = []
    this.device = await this.device.restart(changes)
    await this.does(({ writing }) => adoptWaiting(writing))
  }

  get #waiting(): EnvelopeId[] {
    return this.device.parts.outbox.of(id).map(({ envelope }) => envelope.id)
  }
}

/** Two people, and a server that is wound back to its backups. */
class Scene {
  readonly server: ChatServer
  readonly sides: Readonly<Record<Name, Side>>
  readonly #backups: (() => void)[]
  #callsLeft = Number.POSITIVE_INFINITY

  static async open(): Promise<Scene> {
    const { alice, bob } = people
    const server = new ChatServer(alice, bob)
    // A backup from before the two met.
    const backups = [server.backUp()]
    server.create(id, alice.accountId, { [bob.accountId]: 'accepted' })
    backups.push(server.backUp())
    const sides = { alice: await Side.open('alice', server), bob: await Side.open('bob', server) }
    return new Scene(server, sides, backups)
  }

  private constructor(
    server: ChatServer,
    sides: Readonly<Record<Name, Side>>,
    backups: (() => void)[],
  ) {
    this.server = server
    this.sides = sides
    this.#backups = backups
    server.onCall = () => {
      this.#callsLeft -= 1
      if (this.#callsLeft < 0) throw new ClientError('offline')
    }
  }

  backUp(): void {
    this.#backups.push(this.server.backUp())
  }

  /** The latest backup, or an earlier one. */
  restore(age: number): void {
    const at = Math.max(0, this.#backups.length - 1 - age)
    this.#backups[at]?.()
    // Later backups belong to a past that no longer exists.
    this.#backups.length = at + 1
  }

  unreachableAfter(calls: number): void {
    this.#callsLeft = calls
  }

  async settle(): Promise<void> {
    this.#callsLeft = Number.POSITIVE_INFINITY
    const all = Object.values(this.sides)
    for (const { device } of all) device.disk.failNoMore()
    for (let round = 0; round < 4; round += 1) {
      for (const side of all) {
        await side.send(false)
        vi.advanceTimersByTime(10_000)
      }
    }
    for (const side of all) {
      const { conversations } = side.device.parts
      while (conversations.load(id).window.first > 1) await side.device.receive.fetchOlder(id)
      expect(side.device.failures).toEqual([])
    }
  }
}

const who = fc.constantFrom<Name>('alice', 'bob')
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('write' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('send' as const), who, isLost: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('catch up' as const), who }) },
  fc.record({ what: fc.constant('mark read' as const), who, isTold: fc.boolean() }),
  fc.record({ what: fc.constant('enroll' as const), who }),
  { weight: 2, arbitrary: fc.record({ what: fc.constant('back up' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('restore' as const), age: fc.nat(2) }) },
  fc.record({
    what: fc.constant('power cut' as const),
    who,
    at: fc.record({ after: fc.nat(4), isWritten: fc.boolean() }),
  }),
  fc.record({ what: fc.constant('unreachable' as const), after: fc.nat(4) }),
  fc.record({ what: fc.constant('reachable' as const) }),
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

async function make(scene: Scene, one: Happening): Promise<void> {
  const { sides } = scene
  switch (one.what) {
    case 'write':
      return sides[one.who].write()
    case 'send':
      return sides[one.who].send(one.isLost)
    case 'catch up':
      return sides[one.who].does((device) => device.catchUp())
    case 'mark read':
      return sides[one.who].markRead(one.isTold)
    case 'enroll':
      return sides[one.who].enroll()
    case 'power cut':
      return sides[one.who].device.disk.failAt(one.at)
    case 'back up':
      return scene.backUp()
    case 'restore':
      return scene.restore(one.age)
    case 'unreachable':
      return scene.unreachableAfter(one.after)
    case 'reachable':
      return scene.unreachableAfter(Number.POSITIVE_INFINITY)
  }
}

async function tell(story: readonly Happening[]): Promise<Scene> {
  const scene = await Scene.open()
  for (const one of story) await make(scene, one)
  await scene.settle()
  return scene
}

const stories = fc.array(happening, { maxLength: 25 })
const parameters = tries(40)

test('every message comes back exactly once, and in the order its sender wrote', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { server, sides } = await tell(story)
      for (const { device, written } of Object.values(sides)) {
        const own = server.log(id).filter((one) => one.senderAccountId === device.accountId)
        expect(own.map((envelope) => envelope.id)).toEqual(written)
        expect(device.parts.outbox.of(id)).toEqual([])
      }
    }),
    parameters,
  )
})

test("both devices end up with the server's log, and nothing counts as lost", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { server, sides } = await tell(story)
      const expected = server.log(id).map(({ seq, id: message }) => ({ seq, message }))
      for (const { device } of Object.values(sides)) {
        const entries = await device.log(id)
        expect(entries.map(({ seq, id: message }) => ({ seq, message }))).toEqual(expected)
        expect(entries.filter(({ kind }) => kind !== 'message')).toEqual([])
        expect(device.parts.lost.of(id)).toEqual([])
        expect(device.parts.conversations.load(id).membership.aside).toBeUndefined()
      }
    }),
    parameters,
  )
})

test('messages marked as read never become unread', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { sides } = await tell(story)
      for (const { device, read } of Object.values(sides)) {
        const entries = await device.log(id)
        const isUnread = (entry: (typeof entries)[number]) =>
          entry.sender !== device.accountId && !read.has(entry.id)
        const { unread } = device.parts.conversations.load(id).reading
        expect(unread).toBeLessThanOrEqual(entries.filter(isUnread).length)
      }
    }),
    parameters,
  )
})

test('no one has to be accepted twice', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { server, sides } = await tell(story)
      for (const { device } of Object.values(sides)) {
        const conversation = device.parts.conversations.load(id)
        for (const { accountId } of Object.values(people)) {
          expect(stateIn(conversation, accountId)).toBe('accepted')
        }
      }
      expect(server.conversation(id)?.members.map(({ state }) => state)).toEqual([
        'accepted',
        'accepted',
      ])
    }),
    parameters,
  )
})

test('a conversation that was not accepted is not begun again on a server that has lost it', async () => {
  const acquaintances = await TwoPeople.meet('requested')
  const device = await acquaintances.start(acquaintances.bob)
  acquaintances.beforeMeeting()

  await device.catchUp()

  expect(acquaintances.server.conversation(acquaintances.id)).toBeUndefined()
  expect(device.parts.conversations.load(acquaintances.id).membership.aside).toBe('uncompared')
})
