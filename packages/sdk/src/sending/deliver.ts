import {
  type AccountId,
  type ClientFrame,
  type ConversationId,
  ENVELOPE_FRAME_CHARS,
  type EnvelopeId,
  type ErrorCode,
  isRetryable,
  MAX_FRAME_BYTES,
  type Verdict,
} from '@sotto/wire'
import type { Contacts } from '../contacts/contacts.ts'
import type { Conversations } from '../conversations/conversations.ts'
import { Timers } from '../scheduling/timers.ts'
import type { OutboxItem } from '../storage/records/log.ts'
import { isWrittenTo } from '../storage/records/written-to.ts'
import type { Outbox } from './outbox.ts'
import { recipientsIn } from './recipients.ts'

const MAX_IN_FLIGHT = 16
const FIRST_HOLD_MS = 500
const LONGEST_HOLD_MS = 8_000

const DECIDED_WITHIN_MS = 20_000

type AcceptedVerdict = Extract<Verdict, { fate: 'accepted' }>

export interface DeliverDependencies {
  readonly conversations: Conversations
  readonly contacts: Contacts
  readonly outbox: Outbox
  /** The server has accepted a message from this device. */
  readonly onAccepted: (id: ConversationId, verdict: AcceptedVerdict) => Promise<void>
  readonly deviceId: () => string
  /** Whether the contact's keys were checked on this connection; starts a check if not. */
  readonly isFresh: (accountId: AccountId) => boolean
  /** The server's refusal is final. */
  readonly fail: (item: OutboxItem, code: ErrorCode) => Promise<void>
  /** The server says that this device isn't enrolled. */
  readonly onNotEnrolled: () => void
  /** The server doesn't have the conversation. */
  readonly onConversationGone: (id: ConversationId) => void
  /** Only a new connection helps: verdicts don't arrive, or the server waits for a message that was discarded. */
  readonly onStall: () => void
  readonly onError: (error: unknown) => void
}

/** If a conversation's first message is refused for now, all of its messages wait. */
interface Hold {
  readonly attempt: number
  readonly until: number
}

/** Sends the messages waiting in the outbox while there is a connection. */
export class Deliver {
  readonly #deps: DeliverDependencies
  /** Undecided messages, each with its place among all that were sent. */
  readonly #inFlight = new Map<EnvelopeId, number>()
  readonly #holds = new Map<ConversationId, Hold>()
  /** The first message that the server refused for now on this connection: it takes no other one before it. */
  readonly #firstRefused = new Map<ConversationId, { id: EnvelopeId; place: number }>()
  readonly #timers = new Timers()
  /** How many messages were sent so far. */
  #sent = 0
  #transmit: ((frame: ClientFrame) => void) | undefined

  constructor(deps: DeliverDependencies) {
    this.#deps = deps
  }

  /** The connection is up; anything in flight on the last one is sent again. */
  connected(transmit: (frame: ClientFrame) => void): void {
    this.disconnected()
    this.#transmit = transmit
    this.wake()
  }

  disconnected(): void {
    this.#transmit = undefined
    this.#inFlight.clear()
    this.#holds.clear()
    this.#firstRefused.clear()
    this.#timers.clear()
  }

  /** Checks whether something can be sent. */
  wake(): void {
    for (const id of [...this.#deps.outbox.conversations()]) this.#send(id)
  }

  #send(id: ConversationId): void {
    const envelopes = this.#transmit ? this.#sendable(id).map(({ envelope }) => envelope) : []
    const [first] = envelopes
    if (!first) return
    const refused = this.#firstRefused.get(id)
    if (refused && refused.id !== first.id) {
      this.disconnected()
      this.#deps.onStall()
      return
    }
    this.#firstRefused.delete(id)
    for (const envelope of envelopes) this.#inFlight.set(envelope.id, ++this.#sent)
    this.#transmit?.({ type: 'send', envelopes })
    this.#timers.after(DECIDED_WITHIN_MS, () => {
      if (envelopes.some((envelope) => this.#inFlight.has(envelope.id))) this.#deps.onStall()
    })
  }

  /** Handles the verdicts on sent messages. */
  async decided(verdicts: readonly Verdict[]): Promise<void> {
    const decisions = await Promise.allSettled(verdicts.map((verdict) => this.#decide(verdict)))
    for (const { id } of verdicts) this.#inFlight.delete(id)
    for (const decision of decisions) {
      if (decision.status === 'rejected') this.#deps.onError(decision.reason)
    }
    this.wake()
  }

  async #decide(verdict: Verdict): Promise<void> {
    const { conversations, outbox, onAccepted, fail } = this.#deps
    const { id, conversationId } = verdict
    if (verdict.fate === 'refused' && isRetryable(verdict.code)) {
      this.#noteRefused(conversationId, id)
    }
    const item = outbox.find(conversationId, id)
    if (!item || !conversations.get(conversationId)) return
    if (verdict.fate === 'accepted') {
      this.#holds.delete(conversationId)
      await onAccepted(conversationId, verdict)
    } else if (isPassing(verdict.code, item)) {
      if (verdict.code === 'device_not_enrolled') this.#deps.onNotEnrolled()
      this.#holdBack(conversationId, verdict.code)
    } else {
      await fail(item, verdict.code)
      if (verdict.code === 'conversation_not_found') this.#deps.onConversationGone(conversationId)
    }
  }

  /** The messages to send now, in the order they were written: as many as fit, never overtaking one that waits. */
  #sendable(id: ConversationId): OutboxItem[] {
    const hold = this.#holds.get(id)
    if (hold && hold.until > performance.now()) return []
    const items: OutboxItem[] = []
    let chars = 0
    for (const item of this.#unsent(id)) {
      if (!mayLeave(this.#deps, item)) break
      chars += frameCharsOf(item)
      const undecided = this.#inFlight.size + items.length
      if (undecided > 0 && (undecided >= MAX_IN_FLIGHT || chars > MAX_FRAME_BYTES)) break
      items.push(item)
    }
    return items
  }

  /**
   * The messages that are neither decided nor in flight. None while a later one is in flight: its verdict comes
   * first, because the server may refuse it for now and accept what was sent after it.
   */
  #unsent(id: ConversationId): OutboxItem[] {
    const undecided = this.#deps.outbox
      .of(id)
      .filter(({ state, accepted }) => state !== 'failed' && !accepted)
    const isInFlight = ({ envelope }: OutboxItem) => this.#inFlight.has(envelope.id)
    const start = undecided.findIndex((item) => !isInFlight(item))
    const unsent = start < 0 ? [] : undecided.slice(start)
    return unsent.some(isInFlight) ? [] : unsent
  }

  /** Remembers the refused message that was sent first. */
  #noteRefused(conversationId: ConversationId, id: EnvelopeId): void {
    const place = this.#inFlight.get(id) ?? 0
    const known = this.#firstRefused.get(conversationId)
    if (!known || place < known.place) this.#firstRefused.set(conversationId, { id, place })
  }

  #holdBack(id: ConversationId, code: ErrorCode): void {
    const now = performance.now()
    const before = this.#holds.get(id)
    if (before && before.until > now) return
    const attempt = (before?.attempt ?? 0) + 1
    const first = code === 'rate_limited' ? FIRST_HOLD_MS * 4 : FIRST_HOLD_MS
    const wait = Math.min(first * 2 ** (attempt - 1), LONGEST_HOLD_MS)
    this.#holds.set(id, { attempt, until: now + wait })
    this.#timers.after(wait + 1, () => this.wake())
  }
}

/** The maximum number of characters that an envelope takes up in a frame. */
function frameCharsOf({ envelope }: OutboxItem): number {
  // JSON inside JSON: the quotes of an `rsa` envelope are escaped.
  return envelope.ciphertext.length + 512 + ENVELOPE_FRAME_CHARS
}

/** Only messages that this device encrypted, for the currently pinned key. */
function mayLeave(deps: DeliverDependencies, item: OutboxItem): boolean {
  const { conversations, contacts, deviceId, isFresh } = deps
  const conversation = conversations.get(item.envelope.conversationId)
  const recipients = conversation && recipientsIn({ contacts }, conversation)
  if (!recipients || conversation.membership.aside === 'uncompared') return false
  // Asks about all recipients, so that they are checked together.
  const areFresh = recipients.map(({ accountId }) => isFresh(accountId))
  if (areFresh.includes(false) || recipients.some(({ changed }) => changed)) return false
  return isWrittenTo(item, recipients) && item.deviceId === deviceId()
}

/** Temporary refusals. All others are final. */
function isPassing(code: ErrorCode, { wasAccepted }: OutboxItem): boolean {
  // The other side had accepted the request, and its devices will do so again.
  if (wasAccepted && code === 'request_pending') return true
  // This device enrolls again, unless it was revoked.
  if (code === 'device_not_enrolled') return true
  return isRetryable(code)
}
