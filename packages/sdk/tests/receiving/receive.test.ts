import { type ClientFrame, ConversationId, type EnvelopeId, type NewEnvelope } from '@sotto/wire'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ClientError, mayPass } from '../../src/api/errors.ts'
import type { ConversationProtocol } from '../../src/protocols/port.ts'
import { type CreateProtocols, createProtocols } from '../../src/protocols/protocols.ts'
import { ChatServer } from '../world/chat-server.ts'
import { Device } from '../world/device.ts'
import { type Enrolled, Person } from '../world/person.ts'
import { createRatchets } from '../world/ratchet.ts'
import { tries } from '../world/tries.ts'
import { TwoPeople } from '../world/two-people.ts'

let alice: Person
let bob: Person
let alicesPhone: Enrolled
let bobsPhone: Enrolled
/** Alice's device does not know it yet. */
let bobsTablet: Enrolled

const id = ConversationId.parse(crypto.randomUUID())

beforeAll(async () => {
  ;[alice, bob] = await Promise.all([Person.create('alice'), Person.create('bob')])
  alicesPhone = await alice.enroll()
  bobsPhone = await bob.enroll()
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

type Writer = 'phone' | 'tablet'

/** Alice's device, which reads messages from Bob's two devices and from itself. */
class Scene {
  readonly server: ChatServer
  device: Device
  /** How often the device has opened each envelope since it started, and since it was stored. */
  readonly opened = new Map<EnvelopeId, number>()
  readonly openedAgain: EnvelopeId[] = []
  readonly #bob: Readonly<Record<Writer, Device>>
  readonly #stored = new Set<EnvelopeId>()
  #running: Promise<unknown>[] = []
  #inFlight: NewEnvelope[] = []
  /** The server becomes unreachable after this many more calls. */
  #callsLeft = Number.POSITIVE_INFINITY

  static async open(createReal: CreateProtocols): Promise<Scene> {
    const server = new ChatServer(alice, bob)
    server.create(id, bob.accountId, { [alice.accountId]: 'accepted' })
    const start = (person: Person, enrolled: Enrolled, create: CreateProtocols) =>
      Device.start({ server, person, enrolled, createProtocols: create })
    const phone = await start(bob, bobsPhone, createReal)
    // Enrolled here, so that Alice learns of it only when a message needs it.
    const scene: { current?: Scene } = {}
    const counted: CreateProtocols = (me) => {
      const { ecdh, rsa } = createReal(me)
      return { ecdh: counting(ecdh, (envelope) => scene.current?.noteOpened(envelope)), rsa }
    }
    const device = await start(alice, alicesPhone, counted)
    await Promise.all([device, phone].map((one) => one.catchUp()))
    bobsTablet ??= await bob.enroll()
    const tablet = await start(bob, bobsTablet, createReal)
    await tablet.catchUp()
    scene.current = new Scene(server, device, { phone, tablet })
    return scene.current
  }

  private constructor(server: ChatServer, device: Device, bobs: Readonly<Record<Writer, Device>>) {
    this.server = server
    this.device = device
    this.#bob = bobs
    server.onCall = () => {
      this.#callsLeft -= 1
      if (this.#callsLeft < 0) throw new ClientError('offline')
    }
  }

  noteOpened(envelope: EnvelopeId): void {
    this.opened.set(envelope, (this.opened.get(envelope) ?? 0) + 1)
    if (this.#stored.has(envelope)) this.openedAgain.push(envelope)
  }

  async write(writer: Writer): Promise<void> {
    const device = this.#bob[writer]
    const message = await device.write(id, `from ${writer}`)
    const item = device.parts.outbox.find(id, message)
    if (!item) throw new Error('nothing was written')
    this.server.append({ accountId: bob.accountId, deviceId: device.id }, item.envelope)
  }

  /** Alice writes while she reads. */
  async answer(): Promise<void> {
    await this.#does((device) => device.write(id, 'from Alice'))
  }

  /** The server accepts Alice's next message. With `isLost`, she learns it from the log. */
  async accept(isLost: boolean): Promise<void> {
    const envelope = this.#inFlight.shift()
    if (!envelope) return
    const { accountId, id: deviceId } = this.device
    const verdict = this.server.send({ accountId, deviceId }, envelope)
    if (!isLost) await this.#does(({ deliver }) => deliver.decided([verdict]))
  }

  /** Pushes arrive in any order, some twice, some never. */
  push(places: readonly number[]): Promise<void> {
    const log = this.server.log(id)
    const envelopes = places.flatMap((place) => log[log.length - 1 - place] ?? [])
    return this.#does(({ receive }) => receive.pushed(id, envelopes))
  }

  catchUp(): Promise<void> {
    return this.#does((device) => device.catchUp())
  }

  older(): Promise<void> {
    return this.#does(({ receive }) => receive.fetchOlder(id))
  }

  unreachableAfter(calls: number): void {
    this.#callsLeft = calls
  }

  /** Everything that is running finishes, or the power fails. */
  async rest(): Promise<void> {
    const running = this.#running
    this.#running = []
    const result = await this.device.survives(Promise.all(running))
    if (result === 'ended') await this.#restart()
    for (const entry of await this.device.log(id)) this.#stored.add(entry.id)
  }

  async settle(): Promise<void> {
    await this.rest()
    this.device.disk.failNoMore()
    this.#callsLeft = Number.POSITIVE_INFINITY
    while (this.#inFlight.length > 0) await this.accept(false)
    await this.catchUp()
    await this.rest()
    vi.advanceTimersByTime(60_000)
    await this.device.records.ask(bob.accountId)
    await this.device.receive.retryUnopened(id)
    while (this.device.parts.conversations.load(id).window.first > 1) {
      await this.device.receive.fetchOlder(id)
    }
  }

  connect(): void {
    this.device.connect((frame: ClientFrame) => {
      if (frame.type === 'send') this.#inFlight.push(...frame.envelopes)
    })
  }

  /** Starts something that may run concurrently with the steps that follow. */
  async #does(work: (device: Device) => Promise<unknown>): Promise<void> {
    const failed = (error: unknown) => {
      if (!mayPass(error)) throw error
    }
    const running = work(this.device).catch(failed)
    // A rejection is reported by `rest`.
    running.catch(() => {})
    this.#running.push(running)
  }

  async #restart(): Promise<void> {
    this.#inFlight = []
    this.opened.clear()
    this.device = await this.device.restart()
    this.connect()
  }
}

function counting(
  protocol: ConversationProtocol,
  note: (envelope: EnvelopeId) => void,
): ConversationProtocol {
  return {
    ...protocol,
    open: (opening) => {
      note(opening.envelope.id)
      return protocol.open(opening)
    },
  }
}

const place = fc.nat(4)
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('write' as const),
      writer: fc.constantFrom<Writer>('phone', 'phone', 'tablet'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('push' as const),
      places: fc.array(place, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ what: 'answer' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('accept' as const), isLost: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.constant({ what: 'catchUp' as const }) },
  fc.constant({ what: 'older' as const }),
  { weight: 5, arbitrary: fc.constant({ what: 'rest' as const }) },
  fc.record({
    what: fc.constant('power cut' as const),
    at: fc.record({ after: fc.nat(3), isWritten: fc.boolean() }),
  }),
  fc.record({ what: fc.constant('unreachable' as const), after: fc.nat(3) }),
  fc.constant({ what: 'reachable' as const }),
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

async function make(scene: Scene, one: Happening): Promise<void> {
  switch (one.what) {
    case 'write':
      return scene.write(one.writer)
    case 'push':
      return scene.push(one.places)
    case 'accept':
      return scene.accept(one.isLost)
    case 'power cut':
      return scene.device.disk.failAt(one.at)
    case 'unreachable':
      return scene.unreachableAfter(one.after)
    case 'reachable':
      return scene.unreachableAfter(Number.POSITIVE_INFINITY)
    default:
      return scene[one.what]()
  }
}

async function tell(
  story: readonly Happening[],
  createReal: CreateProtocols,
  check: (scene: Scene) => void = () => {},
): Promise<Scene> {
  const scene = await Scene.open(createReal)
  scene.connect()
  for (const one of story) {
    await make(scene, one)
    check(scene)
  }
  await scene.settle()
  check(scene)
  expect(scene.device.failures).toEqual([])
  return scene
}

const stories = fc.array(happening, { minLength: 10, maxLength: 40 })
const facts = ({ seq, id: message }: { seq: number; id: EnvelopeId }) => ({ seq, message })

test('the log of the device becomes that of the server, and every message in it opens', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { device, server } = await tell(story, createProtocols)
      const entries = await device.log(id)
      expect(entries.map(facts)).toEqual(server.log(id).map(facts))
      expect(entries.filter(({ kind }) => kind !== 'message')).toEqual([])
      const { window } = device.parts.conversations.load(id)
      expect(window.unopened).toEqual([])
    }),
    tries(40),
  )
})

test('an envelope is opened at most once, in whatever order frames arrive', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const onlyKnown = story.filter((one) => one.what !== 'write' || one.writer === 'phone')
      await tell(onlyKnown, createProtocols, ({ opened, openedAgain }) => {
        expect(Math.max(0, ...opened.values())).toBeLessThanOrEqual(1)
        expect(openedAgain).toEqual([])
      })
    }),
    tries(40),
  )
})

test('a stateful protocol opens each envelope with the state left by the previous one', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      // A device that is there from the beginning.
      const beginning: Happening[] = [
        { what: 'write', writer: 'phone' },
        { what: 'catchUp' },
        { what: 'rest' },
      ]
      const { device, server } = await tell([...beginning, ...story], createRatchets)
      const entries = await device.log(id)
      expect(entries.map(facts)).toEqual(server.log(id).map(facts))
      expect(entries.filter(({ kind }) => kind !== 'message')).toEqual([])
    }),
    tries(40),
  )
})

describe('a log of many envelopes', () => {
  const meet = async (count: number) => {
    const people = await TwoPeople.meet()
    const device = await people.start(people.alice)
    const writer = await people.start(people.bob)
    const envelope = await people.sealedBy(writer, 'hello')
    for (let n = 0; n < count; n += 1) {
      const copy = { ...envelope, id: crypto.randomUUID() as EnvelopeId }
      people.server.append({ accountId: writer.accountId, deviceId: writer.id }, copy)
    }
    const conversation = people.server.conversation(people.id)
    if (!conversation) throw new Error('there is none')
    const told = { ...people.server.toldTo(device.accountId, conversation), lastEnvelope: null }
    await device.parts.conversations.learn(told, device.parts.questions.ask())
    return { people, device, window: () => device.parts.conversations.load(people.id).window }
  }

  test('that is new here is read from the last page on, and then backwards', async () => {
    const { people, device, window } = await meet(70)
    await device.receive.catchUp(people.id, null)
    expect(window()).toMatchObject({ first: 41, newest: 70 })
    await device.receive.fetchOlder(people.id)
    expect(window()).toMatchObject({ first: 11, newest: 70 })
    await device.receive.fetchOlder(people.id)
    await device.receive.fetchOlder(people.id)
    expect(window()).toMatchObject({ first: 1, newest: 70 })
    expect(await device.log(people.id)).toHaveLength(70)
  })

  test('that went on without this device is read page by page', async () => {
    const { people, device, window } = await meet(250)
    const log = people.server.log(people.id)
    await device.receive.pushed(people.id, log.slice(0, 1))
    expect(window()).toMatchObject({ first: 1, newest: 1 })
    const asked: string[] = []
    people.server.onCall = ({ path }) => asked.push(path)
    await device.receive.catchUp(people.id, null)
    expect(window()).toMatchObject({ first: 1, newest: 250 })
    expect(asked).toHaveLength(3)
  })

  test.each(['repeats what is here', 'is out of order', 'is of another conversation'])(
    'is not read if the server %s',
    async (what) => {
      const { people, device, window } = await meet(4)
      const log = people.server.log(people.id)
      await device.receive.pushed(people.id, log.slice(0, 2))
      const other = ConversationId.parse(crypto.randomUUID())
      const lies: Record<string, unknown[]> = {
        'repeats what is here': log.slice(1),
        'is out of order': log.slice(2).reverse(),
        'is of another conversation': log
          .slice(2)
          .map((one) => ({ ...one, conversationId: other })),
      }
      people.server.lie = () => ({ envelopes: lies[what] })
      const reading = device.receive.catchUp(people.id, null)
      await expect(reading).rejects.toMatchObject({ code: 'untrusted_answer' })
      expect(window().newest).toBe(2)
    },
  )

  test('ends here where the server has no more', async () => {
    const { people, device, window } = await meet(4)
    await device.receive.pushed(people.id, people.server.log(people.id).slice(0, 2))
    people.server.lie = () => ({ envelopes: [] })
    await device.receive.catchUp(people.id, null)
    expect(window().newest).toBe(2)
    await device.receive.pushed(people.id, [])
    expect(window().newest).toBe(2)
  })
})
