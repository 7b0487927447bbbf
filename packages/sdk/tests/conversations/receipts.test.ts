import type { AccountId, ClientFrame, ConversationId, DeviceId, Receipt } from '@sotto/wire'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type ConversationRecord, marksIn } from '../../src/conversations/conversation-record.ts'
import { type Conversations, openConversations } from '../../src/conversations/conversations.ts'
import { LostMessages } from '../../src/conversations/lost-messages.ts'
import { higherMarks, withMarks } from '../../src/conversations/reading.ts'
import { Receipts } from '../../src/conversations/receipts.ts'
import type { Store } from '../../src/storage/store.ts'
import { conversationOf, createMemoryStore, putConversation } from '../storage/memory-store.ts'

const me = crypto.randomUUID() as AccountId
const bob = crypto.randomUUID() as AccountId
const [accepted, requested] = [crypto.randomUUID(), crypto.randomUUID()] as [
  ConversationId,
  ConversationId,
]
const ids = [accepted, requested]
/** On a connection that lives this long, nothing is sent again. */
const ARRIVED_MS = 10_100

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A device with one accepted conversation and one request, and the marks that the server received from it. */
class Scene {
  readonly onServer = new Map<ConversationId, Receipt>()
  readonly #conversations: Conversations
  readonly #receipts: Receipts
  #arriving: Receipt[] = []
  #isConnected = false

  static async open(): Promise<Scene> {
    const storage = createMemoryStore()
    const others = { [bob]: 'accepted' } as const
    const open = conversationOf({ id: accepted, self: me, others })
    const request = conversationOf({ id: requested, self: me, others, own: 'requested' })
    await storage.write([open, request].flatMap(putConversation))
    const device = { accountId: me, deviceId: crypto.randomUUID() as DeviceId }
    return new Scene(await openConversations(storage, device, () => {}), storage)
  }

  private constructor(conversations: Conversations, storage: Store) {
    this.#conversations = conversations
    const context = { storage, me: () => ({ accountId: me }) } as unknown
    this.#receipts = new Receipts({
      ...(context as ConstructorParameters<typeof Receipts>[0]),
      conversations,
      lost: new LostMessages([]),
      onError: (error) => {
        throw error
      },
    })
  }

  of(id: ConversationId): ConversationRecord {
    return this.#conversations.load(id)
  }

  /** Envelopes have arrived and are stored. */
  async arrive(id: ConversationId, count: number): Promise<void> {
    await this.#conversations.update(id, (before) => {
      const newest = before.window.newest + count
      const window = { ...before.window, newest, first: 1, lastSeq: newest }
      const marks = withMarks(before.reading, me, { deliveredSeq: newest, readSeq: 0 })
      const unread = before.reading.unread + count
      const reading = { ...marks, countedSeq: newest, marksDue: true, unread }
      return { next: { ...before, window, reading } }
    })
    this.#receipts.due()
  }

  read(id: ConversationId): Promise<void> {
    return this.#receipts.markRead(id)
  }

  take(from: AccountId, id: ConversationId, readSeq: number): Promise<void> {
    const receipt = { conversationId: id, deliveredSeq: readSeq, readSeq }
    // The server already has this mark, from another of our devices.
    if (from === me && id === accepted) this.#raise(receipt)
    return this.#receipts.apply(from, [receipt])
  }

  connect(): void {
    if (this.#isConnected) return
    this.#isConnected = true
    this.#receipts.connected((frame) => this.#transmit(frame))
  }

  /** With `isLost`, receipts still in flight never arrive. */
  cut({ isLost }: { isLost: boolean }): void {
    if (!isLost) this.#arrived()
    this.#arriving = []
    this.#isConnected = false
    this.#receipts.disconnected()
  }

  async wait(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms)
    // On a working connection, a frame sent more than a moment ago has arrived.
    if (ms > 1_000 && this.#isConnected) this.#arrived()
  }

  #transmit(frame: ClientFrame): void {
    if (frame.type !== 'receipts') throw new Error(`sent ${frame.type}`)
    this.#arriving.push(...frame.receipts)
  }

  #arrived(): void {
    for (const receipt of this.#arriving) this.#raise(receipt)
    this.#arriving = []
  }

  #raise(receipt: Receipt): void {
    const { conversationId } = receipt
    const before = this.onServer.get(conversationId) ?? { deliveredSeq: 0, readSeq: 0 }
    this.onServer.set(conversationId, { conversationId, ...higherMarks(before, receipt) })
  }
}

const which = fc.constantFrom(...ids)
const happening = fc.oneof(
  fc.record({
    what: fc.constant('arrive' as const),
    id: which,
    count: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ what: fc.constant('read' as const), id: which }),
  fc.record({ what: fc.constant('read elsewhere' as const), id: which, seq: fc.nat(12) }),
  fc.record({ what: fc.constant('read by Bob' as const), id: which, seq: fc.nat(12) }),
  fc.record({ what: fc.constant('connect' as const) }),
  fc.record({ what: fc.constant('cut' as const), isLost: fc.boolean() }),
  fc.record({ what: fc.constant('wait' as const), ms: fc.constantFrom(5, 40, 2_000, 11_000) }),
)

async function make(scene: Scene, one: typeof happening extends fc.Arbitrary<infer T> ? T : never) {
  switch (one.what) {
    case 'arrive':
      return scene.arrive(one.id, one.count)
    case 'read':
      return scene.read(one.id)
    case 'read elsewhere':
      // The server rejects marks beyond the log.
      return scene.take(me, one.id, Math.min(one.seq, scene.of(one.id).window.lastSeq))
    case 'read by Bob':
      return scene.take(bob, one.id, one.seq)
    case 'connect':
      return scene.connect()
    case 'cut':
      return scene.cut(one)
    case 'wait':
      return scene.wait(one.ms)
  }
}

test('marks never decrease, eventually reach the server, and are hidden from people who were not accepted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      const scene = await Scene.open()
      for (const one of happenings) {
        const before = ids.map((id) => scene.of(id))
        await make(scene, one)
        for (const [i, id] of ids.entries()) {
          const [was, is] = [before[i] as ConversationRecord, scene.of(id)]
          for (const account of [me, bob]) {
            const [earlier, now] = [marksIn(was, account), marksIn(is, account)]
            expect(now.readSeq).toBeGreaterThanOrEqual(earlier.readSeq)
            expect(now.deliveredSeq).toBeGreaterThanOrEqual(earlier.deliveredSeq)
          }
          const { readSeq } = marksIn(is, me)
          expect(is.reading.unread).toBeLessThanOrEqual(is.window.newest - readSeq)
        }
      }
      // The second connection settles what another of our devices read while the first one was sending.
      for (const _ of [1, 2]) {
        scene.connect()
        await scene.wait(ARRIVED_MS)
        await scene.wait(ARRIVED_MS)
        scene.cut({ isLost: false })
      }

      const { window, reading } = scene.of(accepted)
      if (window.newest > 0) {
        const marks = marksIn(scene.of(accepted), me)
        expect(scene.onServer.get(accepted)).toEqual({ conversationId: accepted, ...marks })
        expect(reading.marksDue).toBe(false)
      }
      expect(scene.onServer.has(requested)).toBe(false)
    }),
    { numRuns: 200 },
  )
})
