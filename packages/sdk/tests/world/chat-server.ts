import {
  type AccountId,
  type Conversation,
  type ConversationId,
  chatRequests,
  type DeviceId,
  type Endpoint,
  type ErrorCode,
  isRetryable,
  type NewEnvelope,
  type Participant,
  type ParticipantState,
  Protocol,
  type StoredEnvelope,
  type Verdict,
} from '@sotto/wire'
import { ClientError } from '../../src/api/errors.ts'
import type { Call, CallAnswer, CallInput } from '../../src/transport/http.ts'
import type { Person } from './person.ts'

type Member = Omit<Participant, 'recordVersion'>

export interface ServerConversation {
  readonly id: ConversationId
  readonly protocol: Protocol
  readonly createdBy: AccountId
  readonly members: readonly Member[]
  readonly log: readonly StoredEnvelope[]
  /** The server's clock when it last changed, for comparison with cursors. */
  readonly changedAt: number
}

interface State {
  readonly conversations: ReadonlyMap<ConversationId, ServerConversation>
  readonly clock: number
}

interface Writer {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

/**
 * The chat service as PROTOCOL.md describes it, in memory. Its rules: a log only grows, by one `seq` at a time; an
 * envelope id is accepted once, and a repetition only from the same device; after a temporary refusal, nothing
 * overtakes the refused envelope until the device reconnects; a cursor lists every conversation that has changed since;
 * restoring a backup reverts all of that and begins an era.
 */
export class ChatServer {
  readonly people = new Map<AccountId, Person>()
  /** Called with the endpoint of each request before it is answered. An error thrown here makes the request fail. */
  onCall: (endpoint: Endpoint) => void = () => {}
  /** What it answers instead of the truth. */
  lie: (endpoint: Endpoint, truth: unknown) => unknown = (_, truth) => truth
  /** The most conversations that it lists at once. */
  pageSize = Number.POSITIVE_INFINITY
  #state: State = { conversations: new Map(), clock: 0 }
  #era = 1
  /** Time never goes back, even when a backup is restored. */
  #time = 1_000
  readonly #refused = new Map<string, NewEnvelope['id']>()

  constructor(...people: readonly Person[]) {
    for (const person of people) this.people.set(person.accountId, person)
  }

  get era(): string {
    return this.#era.toString(16).padStart(16, '0')
  }

  conversation(id: ConversationId): ServerConversation | undefined {
    return this.#state.conversations.get(id)
  }

  log(id: ConversationId): readonly StoredEnvelope[] {
    return this.conversation(id)?.log ?? []
  }

  create(
    id: ConversationId,
    creator: AccountId,
    others: Readonly<Record<AccountId, ParticipantState>>,
    protocol: Protocol = 'ecdh',
  ): void {
    const states = Object.entries({ [creator]: 'accepted', ...others }) as [
      AccountId,
      ParticipantState,
    ][]
    const members = states.map(([accountId, state]) => {
      return { accountId, role: 'member' as const, state, deliveredSeq: 0, readSeq: 0 }
    })
    this.#change({ id, protocol, createdBy: creator, members, log: [], changedAt: 0 })
  }

  answer(id: ConversationId, accountId: AccountId, state: ParticipantState): void {
    this.#changeMember(id, accountId, () => ({ state }))
  }

  mark(id: ConversationId, accountId: AccountId, deliveredSeq: number, readSeq: number): void {
    const last = this.log(id).length
    this.#changeMember(id, accountId, (member) => ({
      deliveredSeq: Math.max(member.deliveredSeq, Math.min(deliveredSeq, last)),
      readSeq: Math.max(member.readSeq, Math.min(readSeq, last)),
    }))
  }

  /** The verdict on an envelope. With `refusal`, it is refused unless it was accepted before. */
  send(writer: Writer, envelope: NewEnvelope, refusal?: ErrorCode): Verdict {
    const { id, conversationId } = envelope
    const line = `${writer.deviceId} ${conversationId}`
    const refuse = (code: ErrorCode): Verdict => {
      if (isRetryable(code) && !this.#refused.has(line)) this.#refused.set(line, id)
      return { fate: 'refused', id, conversationId, code }
    }
    const conversation = this.conversation(conversationId)
    const own = conversation?.members.find(({ accountId }) => accountId === writer.accountId)
    if (!conversation || !own) return refuse('conversation_not_found')
    const known = conversation.log.find((one) => one.id === id)
    if (known) {
      const isRetry = known.senderDeviceId === writer.deviceId
      if (!isRetry) return refuse('envelope_id_taken')
      const { seq, acceptedAt } = known
      return { fate: 'accepted', id, conversationId, seq, acceptedAt }
    }
    const first = this.#refused.get(line)
    if (first !== undefined && first !== id) return refuse('unavailable')
    this.#refused.delete(line)
    if (refusal) return refuse(refusal)
    if (own.state === 'requested') return refuse('request_pending')
    const { seq, acceptedAt } = this.append(writer, envelope)
    return { fate: 'accepted', id, conversationId, seq, acceptedAt }
  }

  /** Appends any envelope to the log, without checks. */
  append({ accountId, deviceId }: Writer, envelope: NewEnvelope): StoredEnvelope {
    const conversation = this.#load(envelope.conversationId)
    this.#time += 1
    const stored: StoredEnvelope = {
      ...envelope,
      seq: conversation.log.length + 1,
      senderAccountId: accountId,
      senderDeviceId: deviceId,
      acceptedAt: this.#time,
    }
    this.#change({ ...conversation, log: [...conversation.log, stored] })
    return stored
  }

  /** The devices reconnect. */
  connected({ deviceId }: Pick<Writer, 'deviceId'>): void {
    for (const line of [...this.#refused.keys()]) {
      if (line.startsWith(deviceId)) this.#refused.delete(line)
    }
  }

  backUp(): () => void {
    const backup = this.#state
    return () => {
      this.#state = backup
      this.#era += 1
      this.#refused.clear()
    }
  }

  /** The service's answer to this account about a conversation. */
  toldTo(viewer: AccountId, { id, protocol, createdBy, members, log }: ServerConversation) {
    const own = members.find(({ accountId }) => accountId === viewer)
    const unread = log.filter(
      ({ seq, senderAccountId }) => seq > (own?.readSeq ?? 0) && senderAccountId !== viewer,
    ).length
    const participants = members.map((member) => {
      const isShown = member.accountId === viewer || member.state === 'accepted'
      const hidden = { state: 'requested', deliveredSeq: 0, readSeq: 0 } as const
      const recordVersion = this.people.get(member.accountId)?.record.version ?? 1
      return { ...member, ...(!isShown && hidden), recordVersion }
    })
    const last = log.at(-1)
    const told: Conversation = {
      id,
      protocol,
      createdBy,
      createdAt: 1,
      participants,
      lastSeq: last?.seq ?? 0,
      lastEnvelope: last ?? null,
      unread: Math.min(100, unread),
    }
    return told
  }

  /** The calls of one account's devices. */
  callAs(viewer: AccountId): Call {
    const answers = this.#answersTo(viewer)
    const call = async (endpoint: Endpoint, input: unknown) => {
      // An answer arrives later than its question.
      await Promise.resolve()
      this.onCall(endpoint)
      const answer = answers.get(endpoint)
      if (!answer) throw new Error(`${endpoint.method} ${endpoint.path} is not asked here`)
      return structuredClone(this.lie(endpoint, answer(input)))
    }
    return call as Call
  }

  #answersTo(viewer: AccountId): ReadonlyMap<Endpoint, (input: unknown) => unknown> {
    const answers = new Map<Endpoint, (input: unknown) => unknown>()
    const on = <E extends Endpoint>(
      endpoint: E,
      answer: (input: CallInput<E>) => CallAnswer<E>,
    ): void => {
      // `Call` gives each endpoint its own input.
      answers.set(endpoint, (input) => answer(input as CallInput<E>))
    }
    const opened = (id: ConversationId) => {
      const conversation = this.#loadFor(viewer, id)
      const accounts = conversation.members.map(({ accountId }) => this.#published(accountId))
      return { conversation: this.toldTo(viewer, conversation), accounts }
    }
    on(chatRequests.getUser, ({ params }) => this.#published(params.accountId as AccountId))
    on(chatRequests.getConversation, ({ params }) =>
      opened(params.conversationId as ConversationId),
    )
    on(chatRequests.createConversation, ({ body }) => {
      const id = body.id as ConversationId
      const others = (body.participants as AccountId[]).map((one) => [one, 'requested'] as const)
      const isKnown = this.conversation(id) !== undefined
      if (isKnown) throw new ClientError('conversation_exists', { conversationId: id })
      this.create(id, viewer, Object.fromEntries(others), Protocol.parse(body.protocol))
      return opened(id)
    })
    on(chatRequests.answerConversation, ({ params, body }) => {
      this.answer(params.conversationId as ConversationId, viewer, body.state)
      return {}
    })
    on(chatRequests.readLog, ({ params, query }) => {
      const { log } = this.#loadFor(viewer, params.conversationId as ConversationId)
      const limit = Number(query.limit)
      if ('after' in query) {
        return { envelopes: log.filter(({ seq }) => seq > Number(query.after)).slice(0, limit) }
      }
      const before = Number(query.before ?? Number.POSITIVE_INFINITY)
      return { envelopes: log.filter(({ seq }) => seq < before).slice(-limit) }
    })
    on(chatRequests.listChanges, ({ query }) => {
      const [era, seen = '0'] = query.since?.split('.') ?? []
      const since = era === this.era ? Number(seen) : 0
      const changed = [...this.#state.conversations.values()]
        .filter(({ changedAt, members }) => {
          return changedAt > since && members.some(({ accountId }) => accountId === viewer)
        })
        .sort((one, other) => one.changedAt - other.changedAt)
      const page = changed.slice(0, this.pageSize)
      const more = page.length < changed.length
      const cursor = `${this.era}.${more ? page.at(-1)?.changedAt : this.#state.clock}`
      const conversations = page.map((one) => this.toldTo(viewer, one))
      return { era: this.era, conversations, cursor, more }
    })
    return answers
  }

  #published(id: AccountId) {
    const person = this.people.get(id)
    if (!person) throw new ClientError('account_not_found')
    return person.published
  }

  #load(id: ConversationId): ServerConversation {
    const conversation = this.conversation(id)
    if (!conversation) throw new ClientError('conversation_not_found')
    return conversation
  }

  #loadFor(viewer: AccountId, id: ConversationId): ServerConversation {
    const conversation = this.#load(id)
    const isIn = conversation.members.some(({ accountId }) => accountId === viewer)
    if (!isIn) throw new ClientError('conversation_not_found')
    return conversation
  }

  #changeMember(
    id: ConversationId,
    accountId: AccountId,
    change: (member: Member) => Partial<Member>,
  ): void {
    const conversation = this.#load(id)
    const members = conversation.members.map((member) =>
      member.accountId === accountId ? { ...member, ...change(member) } : member,
    )
    this.#change({ ...conversation, members })
  }

  #change(conversation: ServerConversation): void {
    const clock = this.#state.clock + 1
    const conversations = new Map(this.#state.conversations)
    conversations.set(conversation.id, { ...conversation, changedAt: clock })
    this.#state = { conversations, clock }
  }
}
