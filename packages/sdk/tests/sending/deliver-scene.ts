import {
  type AccountId,
  type ClientFrame,
  type ConversationId,
  type DeviceId,
  EnvelopeId,
  MAX_FRAME_BYTES,
  type NewEnvelope,
  type Verdict,
} from '@sotto/wire'
import { expect, vi } from 'vitest'
import { Contacts } from '../../src/contacts/contacts.ts'
import { pinOnly } from '../../src/contacts/pins/contact-pins.ts'
import { openConversations } from '../../src/conversations/conversations.ts'
import { Deliver } from '../../src/sending/deliver.ts'
import { Outbox } from '../../src/sending/outbox.ts'
import type { OutboxItem } from '../../src/storage/records/log.ts'
import { Questions } from '../../src/transport/questions.ts'
import { conversationOf, createMemoryStore, putConversation } from '../storage/memory-store.ts'
import { type Fate, Server } from './deliver-server.ts'

const me = crypto.randomUUID() as AccountId
const deviceId = crypto.randomUUID() as DeviceId
const people = [crypto.randomUUID(), crypto.randomUUID()] as AccountId[]
export const conversationIds = people.map(() => crypto.randomUUID() as ConversationId)
const IDENTITY_KEY = 'the pinned key'
export const MAX_IN_FLIGHT = 16

/** A device that writes to two people, its connection, and the server behind it. */
export class Scene {
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
