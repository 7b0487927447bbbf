import {
  type AccountId,
  type ClientFrame,
  type ConversationId,
  MAX_SEND_ENVELOPES,
  type Receipt,
} from '@sotto/wire'
import type { TalkContext } from '../account/state/talk-context.ts'
import { Timers } from '../scheduling/timers.ts'
import type { ConversationRecord } from '../storage/stored.ts'
import { type Conversations, higherMarks } from './conversations.ts'
import { readEntries } from './log.ts'

const TOGETHER_MS = 30
/** After this long on a living connection a frame has arrived. */
const ARRIVED_AFTER_MS = 10_000
const MAX_UNREAD = 100

export interface ReceiptsDependencies extends TalkContext {
  readonly conversations: Conversations
  readonly failed: (error: unknown) => void
}

/** The own marks to the server, those of the others to the screen. */
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

  /** Marks may have grown: sends them, those of one moment together. */
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
      const { myMarks, newest, mine } = conversation
      if (myMarks.readSeq >= newest && conversation.unread === 0) return undefined
      const marks = higherMarks(myMarks, { deliveredSeq: newest, readSeq: newest })
      const marksDue = conversation.marksDue || mine === 'accepted'
      return { next: { ...conversation, myMarks: marks, unread: 0, marksDue } }
    })
    this.due()
  }

  /** Marks of a participant, perhaps of this account's other devices. */
  async take(accountId: AccountId, receipts: readonly Receipt[]): Promise<void> {
    const isMine = accountId === this.#deps.me().accountId
    for (const receipt of receipts) {
      const conversation = this.#deps.conversations.get(receipt.conversationId)
      if (!conversation || conversation.aside) continue
      if (!isMine && conversation.peer !== accountId) continue
      await (isMine ? this.#takeOwn(receipt) : this.#takeTheirs(receipt))
    }
  }

  async #takeTheirs(receipt: Receipt): Promise<void> {
    await this.#deps.conversations.update(receipt.conversationId, (conversation) => {
      const theirMarks = higherMarks(conversation.theirMarks, receipt)
      return { next: { ...conversation, theirMarks } }
    })
  }

  async #takeOwn(receipt: Receipt): Promise<void> {
    await this.#deps.conversations.update(receipt.conversationId, async (conversation) => {
      if (receipt.readSeq <= conversation.myMarks.readSeq) return undefined
      const myMarks = higherMarks(conversation.myMarks, receipt)
      const next = { ...conversation, myMarks }
      return { next: { ...next, unread: await this.#countUnread(next) } }
    })
  }

  /** Counted in the log here as far as it reaches back. */
  async #countUnread({ id, first, newest, myMarks, unread, countedSeq }: ConversationRecord) {
    const after = myMarks.readSeq
    if (after >= countedSeq) return 0
    if (first > after + 1) return Math.min(unread, countedSeq - after)
    const upTo = Math.min(newest, after + 2 * MAX_UNREAD)
    const entries = await readEntries(this.#deps.storage, id, after + 1, upTo)
    return entries.filter(({ mine }) => !mine).length
  }

  #flush(): void {
    const due = [...this.#deps.conversations.all()].filter((conversation) =>
      this.#isDue(conversation),
    )
    const receipts = due.map(({ id, myMarks }) => ({ conversationId: id, ...myMarks }))
    for (let start = 0; start < receipts.length; start += MAX_SEND_ENVELOPES) {
      const part = receipts.slice(start, start + MAX_SEND_ENVELOPES)
      this.#transmit?.({ type: 'receipts', receipts: part })
    }
    if (receipts.length === 0) return
    for (const receipt of receipts) this.#sent.set(receipt.conversationId, receipt)
    // Nothing answers them: what was sent shortly before a connection ends is sent again.
    this.#timers.after(ARRIVED_AFTER_MS, () => {
      this.#arrived(receipts).catch(this.#deps.failed)
    })
  }

  /** Nobody whom this account has not accepted learns that something arrived. */
  #isDue({ id, marksDue, mine, myMarks, aside }: ConversationRecord): boolean {
    if (!marksDue || mine !== 'accepted' || aside) return false
    const sent = this.#sent.get(id)
    return sent?.deliveredSeq !== myMarks.deliveredSeq || sent.readSeq !== myMarks.readSeq
  }

  async #arrived(receipts: readonly Receipt[]): Promise<void> {
    for (const { conversationId, deliveredSeq, readSeq } of receipts) {
      await this.#deps.conversations.update(conversationId, (conversation) => {
        const { myMarks } = conversation
        const isAll = myMarks.deliveredSeq === deliveredSeq && myMarks.readSeq === readSeq
        return isAll ? { next: { ...conversation, marksDue: false } } : undefined
      })
    }
  }
}
