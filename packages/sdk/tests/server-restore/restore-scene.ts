import { ConversationId, type EnvelopeId, type NewEnvelope } from '@sotto/wire'
import fc from 'fast-check'
import { expect, vi } from 'vitest'
import { ClientError, mayPass } from '../../src/api/errors.ts'
import { Receipts } from '../../src/conversations/receipts.ts'
import { adoptWaiting } from '../../src/sending/send.ts'
import { ChatServer } from '../world/chat-server.ts'
import { Device } from '../world/device.ts'
import { type Enrolled, Person } from '../world/person.ts'

type Name = 'alice' | 'bob'

/** A person whose device enrolls a second time after its session was lost. */
interface Actor {
  readonly person: Person
  readonly enrollments: readonly [Enrolled, Enrolled]
}

export type Actors = Readonly<Record<Name, Actor>>

/** The conversation between the two. */
export const id = ConversationId.parse(crypto.randomUUID())

export async function createActors(): Promise<Actors> {
  const actor = async (name: Name): Promise<Actor> => {
    const person = await Person.create(name)
    return { person, enrollments: [await person.enroll(), await person.enroll()] }
  }
  return { alice: await actor('alice'), bob: await actor('bob') }
}

/** One of the two people, with the messages that they wrote and read. */
export class Side {
  device: Device
  readonly written: EnvelopeId[] = []
  readonly read = new Set<EnvelopeId>()
  readonly #later: Enrolled
  #inFlight: NewEnvelope[] = []

  static async open({ person, enrollments }: Actor, server: ChatServer): Promise<Side> {
    const [enrolled, later] = enrollments
    const side = new Side(await Device.start({ server, person, enrolled }), later)
    await side.device.catchUp()
    return side
  }

  private constructor(device: Device, later: Enrolled) {
    this.device = device
    this.#later = later
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
    await this.does((device) => device.write(id, 'hello'))
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
    await this.#restart({ enrolled: this.#later })
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
export class RestoreScene {
  readonly server: ChatServer
  readonly sides: Readonly<Record<Name, Side>>
  readonly #backups: (() => void)[]
  #callsLeft = Number.POSITIVE_INFINITY

  static async open({ alice, bob }: Actors): Promise<RestoreScene> {
    const server = new ChatServer(alice.person, bob.person)
    // A backup from before the two met.
    const backups = [server.backUp()]
    server.create(id, alice.person.accountId, { [bob.person.accountId]: 'accepted' })
    backups.push(server.backUp())
    const sides = { alice: await Side.open(alice, server), bob: await Side.open(bob, server) }
    return new RestoreScene(server, sides, backups)
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
/** Something that happens to the two people or the server. */
export const happening = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('write' as const), who }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('exchange' as const), who }) },
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
export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

async function make(scene: RestoreScene, one: Happening): Promise<void> {
  const { sides } = scene
  switch (one.what) {
    case 'exchange':
      await sides[one.who].write()
      await sides[one.who].send(false)
      return sides[one.who === 'alice' ? 'bob' : 'alice'].does((device) => device.catchUp())
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

/** The scene after everything happened, and both sides had time to come to rest. */
export async function tell(actors: Actors, story: readonly Happening[]): Promise<RestoreScene> {
  const scene = await RestoreScene.open(actors)
  for (const one of story) await make(scene, one)
  await scene.settle()
  return scene
}
