import { type ClientFrame, ConversationId, type EnvelopeId, type NewEnvelope } from '@sotto/wire'
import fc from 'fast-check'
import { expect, vi } from 'vitest'
import { ClientError, mayPass } from '../../src/api/errors.ts'
import type { ConversationProtocol } from '../../src/protocols/port.ts'
import { type CreateProtocols, createProtocols } from '../../src/protocols/protocols.ts'
import { ChatServer } from '../world/chat-server.ts'
import { Device } from '../world/device.ts'
import { type Enrolled, Person } from '../world/person.ts'

export interface ReceiveActors {
  readonly alice: Person
  readonly bob: Person
  readonly alicesPhone: Enrolled
  readonly bobsPhone: Enrolled
  /** Enrolled in the first scene, after Alice's device has learned of the other one. */
  bobsTablet?: Enrolled
}

export async function createReceiveActors(): Promise<ReceiveActors> {
  const [alice, bob] = await Promise.all([Person.create('alice'), Person.create('bob')])
  return { alice, bob, alicesPhone: await alice.enroll(), bobsPhone: await bob.enroll() }
}

/** The conversation between the two. */
export const id = ConversationId.parse(crypto.randomUUID())

type Writer = 'phone' | 'tablet'

/** Alice's device, which reads messages from Bob's two devices and from itself. */
export class ReceiveScene {
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

  static async open(actors: ReceiveActors, createReal: CreateProtocols): Promise<ReceiveScene> {
    const { alice, bob } = actors
    const server = new ChatServer(alice, bob)
    server.create(id, bob.accountId, { [alice.accountId]: 'accepted' })
    const start = (person: Person, enrolled: Enrolled, create: CreateProtocols) =>
      Device.start({ server, person, enrolled, createProtocols: create })
    const phone = await start(bob, actors.bobsPhone, createReal)
    // Enrolled here, so that Alice learns of it only when a message needs it.
    const scene: { current?: ReceiveScene } = {}
    const counted: CreateProtocols = (me) => {
      const { ecdh, rsa } = createReal(me)
      return { ecdh: counting(ecdh, (envelope) => scene.current?.noteOpened(envelope)), rsa }
    }
    const device = await start(alice, actors.alicesPhone, counted)
    await Promise.all([device, phone].map((one) => one.catchUp()))
    actors.bobsTablet ??= await bob.enroll()
    const tablet = await start(bob, actors.bobsTablet, createReal)
    await tablet.catchUp()
    scene.current = new ReceiveScene(server, device, { phone, tablet })
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
    this.server.append({ accountId: device.accountId, deviceId: device.id }, item.envelope)
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
    await this.device.records.ask(this.#bob.phone.accountId)
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
/** Something that happens to Alice's device. */
export const happening = fc.oneof(
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
export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

async function make(scene: ReceiveScene, one: Happening): Promise<void> {
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

interface TellOptions {
  readonly create?: CreateProtocols
  readonly check?: (scene: ReceiveScene) => void
}

/** The scene after everything happened and the device has read the whole log. `check` runs after each step. */
export async function tell(
  actors: ReceiveActors,
  story: readonly Happening[],
  { create = createProtocols, check = () => {} }: TellOptions = {},
): Promise<ReceiveScene> {
  const scene = await ReceiveScene.open(actors, create)
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
