import {
  type ClientFrame,
  ConversationId,
  type DeviceId,
  EnvelopeId,
  type NewEnvelope,
} from '@sotto/wire'
import fc from 'fast-check'
import { vi } from 'vitest'
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

export interface SendActors {
  readonly alice: Person
  readonly bob: Person
  /** The ids under which Alice's device is enrolled, one after the other. */
  readonly enrollments: readonly Enrolled[]
  readonly bobsPhone: Enrolled
}

export async function createSendActors(): Promise<SendActors> {
  const [alice, bob] = await Promise.all([Person.create('alice'), Person.create('bob')])
  const enrollments = await Promise.all([alice.enroll(), alice.enroll(), alice.enroll()])
  return { alice, bob, enrollments, bobsPhone: await bob.enroll() }
}

/** The conversation between the two. */
const id = ConversationId.parse(crypto.randomUUID())

type Fate = 'accepted' | 'unavailable' | 'quota_exceeded'

/** Alice's device, whose power may fail at any write, with her connection and the server. */
class SendScene {
  readonly server: ChatServer
  readonly actors: SendActors
  /** The messages that Alice wrote and did not discard. */
  readonly written = new Set<EnvelopeId>()
  device!: Device
  #inFlight: NewEnvelope[] = []
  #isConnected = false
  #enrollment = 0
  /** Skipped counters of former enrollments that no message could report any more. */
  readonly #unreported: string[] = []

  static async open(actors: SendActors): Promise<SendScene> {
    const scene = new SendScene(actors)
    const { alice, bob } = actors
    scene.server.create(id, alice.accountId, { [bob.accountId]: 'accepted' })
    await scene.#start()
    return scene
  }

  private constructor(actors: SendActors) {
    this.actors = actors
    this.server = new ChatServer(actors.alice, actors.bob)
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
    const { counters } = this.device.parts.conversations.load(id)
    for (const { deviceId, skipped } of [counters, ...this.items]) {
      this.#unreported.push(...skipped.map((counter) => nameOf({ deviceId, counter })))
    }
    this.#enrollment = Math.min(this.#enrollment + 1, this.actors.enrollments.length - 1)
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
    const { bob: person, bobsPhone: enrolled } = this.actors
    const device = await Device.start({ server: this.server, person, enrolled })
    await device.catchUp()
    return readAll(device)
  }

  /**
   * Counters of Alice's devices that neither arrived nor were reported, and that the next message won't report either.
   */
  unexplained(read: readonly OpenedEntry[]): string[] {
    const { counters } = this.device.parts.conversations.load(id)
    return this.actors.enrollments.flatMap(({ deviceId }) => {
      const own = read.filter((entry) => entry.deviceId === deviceId)
      const isCurrent = deviceId === counters.deviceId
      const reported = [...own, ...(isCurrent ? [counters] : [])].flatMap(({ skipped }) => skipped)
      const arrived = own.map(({ counter }) => counter)
      const known = new Set(
        [...arrived, ...reported].map((counter) => nameOf({ deviceId, counter })),
      )
      const last = isCurrent ? counters.next - 1 : Math.max(0, ...arrived)
      const spent = Array.from({ length: last }, (_, i) => nameOf({ deviceId, counter: i + 1 }))
      return spent.filter((name) => !known.has(name) && !this.#unreported.includes(name))
    })
  }

  async #start(): Promise<void> {
    const { alice: person, enrollments } = this.actors
    const enrolled = enrollments[this.#enrollment] as Enrolled
    const { server } = this
    this.#isConnected = false
    this.#inFlight = []
    const before: Device | undefined = this.device
    this.device = before
      ? await before.restart({ enrolled })
      : await Device.start({ server, person, enrolled })
    await this.does(async (device) => {
      await adoptWaiting(device.writing)
      await device.catchUp()
    })
  }

  #transmit(frame: ClientFrame): void {
    if (frame.type === 'send') this.#inFlight.push(...frame.envelopes)
  }
}

/** A counter, with the device that it belongs to. */
export function nameOf({
  deviceId,
  counter,
}: {
  deviceId: DeviceId | null
  counter: number
}): string {
  return `${deviceId} ${counter}`
}

/** The whole log, as a device has it. */
export async function readAll(device: Device): Promise<OpenedEntry[]> {
  while (device.parts.conversations.load(id).window.first > 1) await device.receive.fetchOlder(id)
  const entries = await device.log(id)
  return entries.map((entry) => {
    if (entry.kind !== 'message') throw new Error(`a message cannot be read: ${entry.kind}`)
    return entry
  })
}

const nth = fc.nat(3)
/** Something that happens to Alice's device. */
export const happening = fc.oneof(
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
export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

async function make(scene: SendScene, one: Happening): Promise<void> {
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
export async function tell(actors: SendActors, story: readonly Happening[]) {
  const scene = await SendScene.open(actors)
  for (const one of story) await make(scene, one)
  await scene.settle()
  return { scene, read: await scene.readByBob() }
}
