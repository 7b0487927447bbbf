import {
  type AccountId,
  type ClientFrame,
  type ConversationId,
  type DeviceId,
  EnvelopeId,
  type ErrorCode,
  isRetryable,
  MAX_FRAME_BYTES,
  type NewEnvelope,
  type Verdict,
} from '@sotto/wire'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Contacts } from '../../src/contacts/contacts.ts'
import { pinOnly } from '../../src/contacts/pins/contact-pins.ts'
import { openConversations } from '../../src/conversations/conversations.ts'
import { Deliver } from '../../src/sending/deliver.ts'
import { Outbox } from '../../src/sending/outbox.ts'
import type { OutboxItem } from '../../src/storage/records/log.ts'
import { Questions } from '../../src/transport/questions.ts'
import { conversationOf, createMemoryStore, putConversation } from '../storage/memory-store.ts'

const me = crypto.randomUUID() as AccountId
const deviceId = crypto.randomUUID() as DeviceId
const people = [crypto.randomUUID(), crypto.randomUUID()] as AccountId[]
const conversationIds = people.map(() => crypto.randomUUID() as ConversationId)
const IDENTITY_KEY = 'the pinned key'
const MAX_IN_FLIGHT = 16

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** The server's verdict on an envelope. `null`: the connection breaks before the verdict arrives. */
type Fate = 'accepted' | Extract<ErrorCode, 'unavailable' | 'quota_exceeded'> | null

/** An envelope and its position among everything that the server has read. */
type Read = NewEnvelope & { readonly place: number }

/**
 * A server that follows PROTOCOL.md §13.3: an id is accepted once, and nothing overtakes a message that was refused for
 * now on the same connection. It reads envelopes in order, and may refuse one before it decides earlier ones.
 */
class Server {
  readonly log = new Map<ConversationId, EnvelopeId[]>()
  readonly #refused = new Map<ConversationId, { id: EnvelopeId; place: number }>()
  /** Read but not decided yet. */
  #waiting: Read[] = []
  #places = 0

  connected(): void {
    this.#refused.clear()
    this.#waiting = []
  }

  /** Reads an envelope; returns the verdict if it is refused right away. */
  read(envelope: NewEnvelope, isLimited: boolean): Verdict | undefined {
    const read = { ...envelope, place: ++this.#places }
    const first = this.#refused.get(envelope.conversationId)
    if (first && first.id !== envelope.id) return this.#refuse(read, 'unavailable')
    this.#refused.delete(envelope.conversationId)
    if (isLimited) return this.#refuse(read, 'rate_limited')
    this.#waiting.push(read)
    return undefined
  }

  /** Decides the next envelope that it has read, and refuses those that follow a refused one. */
  decideNext(fate: Exclude<Fate, null>): Verdict[] {
    const envelope = this.#waiting.shift()
    if (!envelope) return []
    const verdict = this.#decide(envelope, fate)
    if (verdict.fate === 'accepted' || !isRetryable(verdict.code)) return [verdict]
    const isBehind = ({ conversationId }: Read) => conversationId === envelope.conversationId
    const behind = this.#waiting.filter(isBehind)
    this.#waiting = this.#waiting.filter((one) => !isBehind(one))
    return [verdict, ...behind.map((one) => this.#refuse(one, 'unavailable'))]
  }

  #decide(read: Read, fate: Exclude<Fate, null>): Verdict {
    const { id, conversationId } = read
    const log = this.log.get(conversationId) ?? []
    this.log.set(conversationId, log)
    if (!log.includes(id)) {
      if (fate !== 'accepted') return this.#refuse(read, fate)
      log.push(id)
    }
    return { fate: 'accepted', id, conversationId, seq: log.indexOf(id) + 1, acceptedAt: 1 }
  }

  #refuse(
    { id, conversationId, place }: Read,
    code: Extract<Verdict, { fate: 'refused' }>['code'],
  ): Verdict {
    const first = this.#refused.get(conversationId)
    if (isRetryable(code) && !(first && first.place < place)) {
      this.#refused.set(conversationId, { id, place })
    }
    return { fate: 'refused', id, conversationId, code }
  }
}

/** A device that writes to two people, its connection, and the server behind it. */
class Scene {
  readonly server = new Server()
  readonly outbox = new Outbox([], () => {})
  /** Message ids of each conversation, in the order they were written. */
  readonly written = new Map<ConversationId, EnvelopeId[]>()
  readonly #deliver: Deliver
  /** Sent, but not read by the server yet. */
  #onTheWay: NewEnvelope[] = []
  readonly #undecided = new Set<EnvelopeId>()
  readonly discarded = new Set<EnvelopeId>()
  #isConnected = false
  #counter = 0

  static async open(): Promise<Scene> {
    const storage = createMemoryStore()
    await storage.write(
      people.flatMap((person, i) => {
        const id = conversationIds[i] as ConversationId
        return putConversation(conversationOf({ id, self: me, others: { [person]: 'requested' } }))
      }),
    )
    const nothing = () => {}
    const call = () => Promise.reject(new Error('this test sends no request'))
    const contacts = new Contacts(
      {
        storage,
        call,
        questions: new Questions(),
        now: () => 0,
        self: me,
        onChange: nothing,
        onKeyChange: nothing,
      },
      people.map((account) => pinOnly(account, IDENTITY_KEY, 1)),
    )
    return new Scene(
      await openConversations(storage, { accountId: me, deviceId }, nothing),
      contacts,
    )
  }

  private constructor(
    conversations: Awaited<ReturnType<typeof openConversations>>,
    contacts: Contacts,
  ) {
    const { outbox } = this
    this.#deliver = new Deliver({
      conversations,
      contacts,
      outbox,
      deviceId: () => deviceId,
      isFresh: () => true,
      onAccepted: async (id, { id: message, seq, acceptedAt: at }) => {
        const item = outbox.find(id, message)
        if (item) outbox.accepted(item, { seq, at }).stored()
      },
      fail: async (item) => {
        outbox.fail(item, 'quota_exceeded')?.stored()
      },
      onNotEnrolled: nothingExpected,
      onConversationGone: nothingExpected,
      onStall: () => this.cut(),
      onError: (error) => {
        throw error
      },
    })
  }

  write(which: number, size: number): void {
    const conversationId = conversationIds[which % 2] as ConversationId
    const id = EnvelopeId.parse(crypto.randomUUID())
    this.written.set(conversationId, [...(this.written.get(conversationId) ?? []), id])
    const envelope = { id, conversationId, kind: 'message', ciphertext: 'x'.repeat(size) } as const
    this.#counter += 1
    this.outbox.add(itemOf(envelope, people[which % 2] as AccountId, this.#counter)).stored()
    this.#deliver.wake()
  }

  connect(): void {
    if (this.#isConnected) return
    this.#isConnected = true
    this.server.connected()
    this.#deliver.connected((frame) => this.#transmit(frame))
  }

  cut(): void {
    this.#isConnected = false
    this.#onTheWay = []
    this.#undecided.clear()
    this.#deliver.disconnected()
  }

  /** The server reads the next envelope, and may refuse it right away. */
  async read(isLimited = false): Promise<void> {
    const envelope = this.#onTheWay.shift()
    const refusal = envelope && this.server.read(envelope, isLimited)
    if (refusal) await this.#receive([refusal])
  }

  /** The server decides the next envelope, and the device receives the verdicts. */
  async decide(fate: Fate): Promise<void> {
    const verdicts = this.server.decideNext(fate ?? 'accepted')
    if (fate === null) this.cut()
    else await this.#receive(verdicts)
  }

  async next(fate: Fate): Promise<void> {
    await this.read()
    await this.decide(fate)
  }

  async #receive(verdicts: readonly Verdict[]): Promise<void> {
    for (const { id } of verdicts) this.#undecided.delete(id)
    if (verdicts.length > 0) await this.#deliver.decided(verdicts)
  }

  /** The person discards the oldest waiting message. */
  discard(which: number): void {
    const id = conversationIds[which % 2] as ConversationId
    const item = this.outbox
      .of(id)
      .find(({ state, envelope }) => state === 'waiting' && !this.#undecided.has(envelope.id))
    if (!item) return
    this.outbox.discard(item)?.stored()
    this.discarded.add(item.envelope.id)
    this.#deliver.wake()
  }

  /** From here on, nothing fails. */
  async settle(): Promise<void> {
    for (let left = 500; this.#isWaiting && left > 0; left--) {
      this.connect()
      while (this.inFlight > 0) await this.next('accepted')
      vi.advanceTimersByTime(8_100)
    }
  }

  get inFlight(): number {
    return this.#undecided.size
  }

  failed(id: ConversationId): EnvelopeId[] {
    const failed = this.outbox.of(id).filter(({ state }) => state === 'failed')
    return failed.map(({ envelope }) => envelope.id)
  }

  get #isWaiting(): boolean {
    return conversationIds.some((id) =>
      this.outbox.of(id).some(({ state, accepted }) => state === 'waiting' && !accepted),
    )
  }

  #transmit(frame: ClientFrame): void {
    if (frame.type !== 'send') throw new Error(`sent ${frame.type}`)
    this.#onTheWay.push(...frame.envelopes)
    for (const { id } of frame.envelopes) this.#undecided.add(id)
    expect(this.inFlight).toBeLessThanOrEqual(MAX_IN_FLIGHT)
    expect(JSON.stringify(frame).length).toBeLessThanOrEqual(MAX_FRAME_BYTES)
  }
}

function nothingExpected(): never {
  throw new Error('unexpected call in this test')
}

function itemOf(envelope: NewEnvelope, recipient: AccountId, counter: number): OutboxItem {
  return {
    envelope,
    counter,
    skipped: [],
    deviceId,
    writtenTo: { [recipient]: IDENTITY_KEY },
    content: { type: 'text', body: 'hello' },
    writtenAt: 0,
    state: 'waiting',
    failure: null,
    accepted: null,
  }
}

const happening = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('write' as const),
      which: fc.nat(1),
      size: fc.constantFrom(100, 60_000, 120_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('decide' as const),
      fate: fc.constantFrom<Fate>('accepted', 'accepted', 'unavailable', 'quota_exceeded', null),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('read' as const), isLimited: fc.boolean() }),
  },
  fc.record({ what: fc.constant('discard' as const), which: fc.nat(1) }),
  fc.record({ what: fc.constant('connect' as const) }),
  fc.record({ what: fc.constant('cut' as const) }),
  fc.record({ what: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
)

test('every message is accepted once and in order, or fails for good', async () => {
  const story = fc.array(happening, { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(story, async (happenings) => {
      const scene = await Scene.open()
      for (const one of happenings) {
        if (one.what === 'write') scene.write(one.which, one.size)
        else if (one.what === 'read') await scene.read(one.isLimited)
        else if (one.what === 'decide') await scene.decide(one.fate)
        else if (one.what === 'discard') scene.discard(one.which)
        else if (one.what === 'wait') vi.advanceTimersByTime(one.ms)
        else scene[one.what]()
      }
      await scene.settle()

      for (const id of conversationIds) {
        const log = scene.server.log.get(id) ?? []
        const gone = new Set(scene.failed(id))
        // A discarded message may have been accepted before, when its verdict was lost.
        for (const message of scene.discarded) if (!log.includes(message)) gone.add(message)
        expect(log).toEqual((scene.written.get(id) ?? []).filter((message) => !gone.has(message)))
      }
    }),
    { numRuns: 200 },
  )
})

test('a temporary refusal holds up its conversation and no other', async () => {
  const scene = await Scene.open()
  scene.connect()
  scene.write(0, 100)
  await scene.next('unavailable')
  scene.write(0, 100)
  scene.write(1, 100)

  await scene.next('accepted')

  expect(scene.server.log.get(conversationIds[0] as ConversationId) ?? []).toEqual([])
  expect(scene.server.log.get(conversationIds[1] as ConversationId)).toHaveLength(1)
  await scene.settle()
  expect(scene.server.log.get(conversationIds[0] as ConversationId)).toHaveLength(2)
})

test('without verdicts only a limited amount is in flight; the rest follows as they arrive', async () => {
  const scene = await Scene.open()
  scene.connect()

  for (let n = 0; n < MAX_IN_FLIGHT + 4; n++) scene.write(n, 100)

  expect(scene.inFlight).toBe(MAX_IN_FLIGHT)
  await scene.next('accepted')
  expect(scene.inFlight).toBe(MAX_IN_FLIGHT)
  await scene.settle()
  expect(scene.server.log.get(conversationIds[0] as ConversationId)).toHaveLength(10)
})

test('a message that does not fit into a frame with others is sent alone', async () => {
  const scene = await Scene.open()
  scene.connect()
  for (let n = 0; n < 3; n++) scene.write(0, 120_000)
  await scene.settle()
  expect(scene.server.log.get(conversationIds[0] as ConversationId)).toHaveLength(3)
})

test('a temporary refusal that overtakes an earlier verdict does not change the order', async () => {
  const scene = await Scene.open()
  const [id] = conversationIds as [ConversationId]
  scene.connect()
  scene.write(0, 100)
  await scene.read()
  scene.write(0, 100)
  scene.write(0, 100)
  await scene.read(true)
  scene.write(0, 100)

  await scene.decide('accepted')
  await scene.settle()

  expect(scene.server.log.get(id)).toEqual(scene.written.get(id))
})

test('a message that was temporarily refused and then discarded holds up nothing', async () => {
  const scene = await Scene.open()
  const [id] = conversationIds as [ConversationId]
  scene.connect()
  scene.write(0, 100)
  await scene.read(true)
  scene.discard(0)
  scene.write(0, 100)
  vi.advanceTimersByTime(2_100)
  scene.connect()
  await scene.next('accepted')

  expect(scene.server.log.get(id)).toHaveLength(1)
})
