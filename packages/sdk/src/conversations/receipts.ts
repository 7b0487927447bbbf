import {
  type AccountId,
  type ClientFrame,
  type ConversationId,
  MAX_SEND_ENVELOPES,
  type Receipt,
} from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import { Timers } from '../scheduling/timers.ts'
import {
  type ConversationRecord,
  isAccepted,
  isParticipant,
  ownMarks,
} from './conversation-record.ts'
import type { Conversations } from './conversations.ts'
import type { LostMessages } from './lost-messages.ts'
import { withMarks } from './reading.ts'
import { countUnread } from './unread.ts'

const TOGETHER_MS = 30
/** On a live connection, a frame has arrived after this time. */
const ARRIVED_AFTER_MS = 10_000

export interface ReceiptsDependencies extends UnlockedContext {
  readonly conversations: Conversations
  readonly lost: LostMessages
  readonly onError: (error: unknown) => void
}

/** Sends our marks to the server, and shows those of others. */
export class Receipts {
  readonly #deps: ReceiptsDependencies
  #transmit: ((frame: ClientFrame) => void) | undefined
  readonly #sent = new Map<ConversationId, Receipt>()
  readonly #timers = new Timers()
  #isPlanned = false

  constructor(deps: ReceiptsDependencies) {
    this.#deps = deps
  }

  connected(transmit: (frame: ClientFrame) => void): void {
    this.disconnected()
    this.#transmit = transmit
    this.due()
  }

  disconnected(): void {
    this.#transmit = undefined
    this.#isPlanned = false
    this.#sent.clear()
    this.#timers.clear()
  }

  /** Marks may have grown: sends them, batched per moment. */
  due(): void {
    if (this.#isPlanned || !this.#transmit) return
    this.#isPlanned = true
    this.#timers.after(TOGETHER_MS, () => {
      this.#isPlanned = false
      this.#flush()
    })
  }

  /** The person has seen everything that is here. */
  async markRead(id: ConversationId): Promise<void> {
    await this.#deps.conversations.update(id, (conversation) => {
      const { self, window, reading } = conversation
      const { newest } = window
      const { changes, stored } = this.#deps.lost.markRead(id)
      const isRead = ownMarks(conversation).readSeq >= newest && reading.unread === 0
      if (isRead && changes.length === 0) return undefined
      const raised = withMarks(reading, self, { deliveredSeq: newest, readSeq: newest })
      const marksDue = reading.marksDue || (!isRead && isAccepted(conversation))
      const next = { ...conversation, reading: { ...raised, unread: 0, marksDue } }
      return { next, more: changes, stored }
    })
    this.due()
  }

  /** Applies a participant's marks, which may come from another device of this account. */
  async apply(accountId: AccountId, receipts: readonly Receipt[]): Promise<void> {
    const isOwn = accountId === this.#deps.me().accountId
    for (const receipt of receipts) {
      const conversation = this.#deps.conversations.get(receipt.conversationId)
      if (!conversation || conversation.membership.aside) continue
      if (!isParticipant(conversation, accountId)) continue
      await (isOwn ? this.#applyOwn(receipt) : this.#applyOthers(accountId, receipt))
    }
  }

  async #applyOthers(accountId: AccountId, receipt: Receipt): Promise<void> {
    await this.#deps.conversations.update(receipt.conversationId, (conversation) => ({
      next: { ...conversation, reading: withMarks(conversation.reading, accountId, receipt) },
    }))
  }

  async #applyOwn(receipt: Receipt): Promise<void> {
    await this.#deps.conversations.update(receipt.conversationId, async (conversation) => {
      if (receipt.readSeq <= ownMarks(conversation).readSeq) return undefined
      const reading = withMarks(conversation.reading, conversation.self, receipt)
      const unread = await countUnread(this.#deps.storage, { ...conversation, reading })
      return { next: { ...conversation, reading: { ...reading, unread } } }
    })
  }

  #flush(): void {
    const due = [...this.#deps.conversations.all()].filter((conversation) =>
      this.#isDue(conversation),
    )
    const receipts = due.map((one) => ({ conversationId: one.id, ...ownMarks(one) }))
    for (let start = 0; start < receipts.length; start += MAX_SEND_ENVELOPES) {
      const part = receipts.slice(start, start + MAX_SEND_ENVELOPES)
      this.#transmit?.({ type: 'receipts', receipts: part })
    }
    if (receipts.length === 0) return
    for (const receipt of receipts) this.#sent.set(receipt.conversationId, receipt)
    // Nothing acknowledges receipts, so those sent shortly before a connection ends are sent again.
    this.#timers.after(ARRIVED_AFTER_MS, () => {
      this.#arrived(receipts).catch(this.#deps.onError)
    })
  }

  /** Only people whom this account has accepted learn that something arrived. */
  #isDue(conversation: ConversationRecord): boolean {
    const { id, membership, reading } = conversation
    if (!reading.marksDue || !isAccepted(conversation) || membership.aside) return false
    const marks = ownMarks(conversation)
    const sent = this.#sent.get(id)
    return sent?.deliveredSeq !== marks.deliveredSeq || sent.readSeq !== marks.readSeq
  }

  async #arrived(receipts: readonly Receipt[]): Promise<void> {
    for (const { conversationId, deliveredSeq, readSeq } of receipts) {
      await this.#deps.conversations.update(conversationId, (conversation) => {
        const marks = ownMarks(conversation)
        const isAll = marks.deliveredSeq === deliveredSeq && marks.readSeq === readSeq
        const reading = { ...conversation.reading, marksDue: false }
        return isAll ? { next: { ...conversation, reading } } : undefined
      })
    }
  }
}
