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

/**
 * A server that follows PROTOCOL.md §11: an id is accepted once, and nothing overtakes a message that was refused for
 * now.
 */
class Server {
  readonly log = new Map<ConversationId, EnvelopeId[]>()
  readonly #refused = new Map<ConversationId, EnvelopeId>()

  connected(): void {
    this.#refused.clear()
  }

  decide({ id, conversationId }: NewEnvelope, fate: Exclude<Fate, null>): Verdict {
    const log = this.log.get(conversationId) ?? []
    this.log.set(conversationId, log)
    const refuse = (code: Extract<Verdict, { fate: 'refused' }>['code']): Verdict => {
      if (isRetryable(code) && !this.#refused.has(conversationId)) {
        this.#refused.set(conversationId, id)
      }
      return { fate: 'refused', id, conversationId, code }
    }
    const first = this.#refused.get(conversationId)
    if (first !== undefined && first !== id) return refuse('unavailable')
    this.#refused.delete(conversationId)
    if (!log.includes(id)) {
      if (fate !== 'accepted') return refuse(fate)
      log.push(id)
    }
    return { fate: 'accepted', id, conversationId, seq: log.indexOf(id) + 1, acceptedAt: 1 }
  }
}

/** A device that writes to two people, its connection, and the server behind it. */
class Scene {
  readonly server = new Server()
  readonly outbox = new Outbox([], () => {})
  /** Message ids of each conversation, in the order they were written. */
  readonly written = new Map<ConversationId, EnvelopeId[]>()
  readonly #deliver: Deliver
  #inFlight: NewEnvelope[] = []
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
    this.#inFlight = []
    this.#deliver.disconnected()
  }

  /** The server decides the next envelope, and the device receives the verdict. */
  async next(fate: Fate): Promise<void> {
    const envelope = this.#inFlight.shift()
    if (!envelope) return
    const verdict = this.server.decide(envelope, fate ?? 'accepted')
    if (fate === null) this.cut()
    else await this.#deliver.decided([verdict])
  }

  /** From here on, nothing fails. */
  async settle(): Promise<void> {
    for (let left = 500; this.#isWaiting && left > 0; left--) {
      this.connect()
      while (this.#inFlight.length > 0) await this.next('accepted')
      vi.advanceTimersByTime(8_100)
    }
  }

  get inFlight(): number {
    return this.#inFlight.length
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
    this.#inFlight.push(...frame.envelopes)
    expect(this.#inFlight.length).toBeLessThanOrEqual(MAX_IN_FLIGHT)
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
      what: fc.constant('next' as const),
      fate: fc.constantFrom<Fate>('accepted', 'accepted', 'unavailable', 'quota_exceeded', null),
    }),
  },
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
        else if (one.what === 'next') await scene.next(one.fate)
        else if (one.what === 'wait') vi.advanceTimersByTime(one.ms)
        else scene[one.what]()
      }
      await scene.settle()

      for (const id of conversationIds) {
        const failed = new Set(scene.failed(id))
        const expected = (scene.written.get(id) ?? []).filter((message) => !failed.has(message))
        expect(scene.server.log.get(id) ?? []).toEqual(expected)
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
