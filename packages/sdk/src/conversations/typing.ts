import type { AccountId, ClientFrame, ConversationId } from '@sotto/wire'
import { Timers } from '../scheduling/timers.ts'
import { othersIn } from './conversation-record.ts'
import { stateOf } from './conversation-state.ts'
import type { Conversations } from './conversations.ts'

/** The minimum interval between announcements while the person keeps typing. */
const ANNOUNCE_EVERY_MS = 3_000
const SHOWN_FOR_MS = 5_000

/** Typing notifications in both directions. They are never stored, and never wait for a connection. */
export class Typing {
  readonly #conversations: Conversations
  readonly #onChange: (id: ConversationId) => void
  readonly #announcedAt = new Map<ConversationId, number>()
  readonly #shownUntil = new Map<ConversationId, Map<AccountId, number>>()
  readonly #timers = new Timers()

  constructor(conversations: Conversations, onChange: (id: ConversationId) => void) {
    this.#conversations = conversations
    this.#onChange = onChange
  }

  announce(id: ConversationId, transmit: (frame: ClientFrame) => void): void {
    const now = performance.now()
    const last = this.#announcedAt.get(id) ?? Number.NEGATIVE_INFINITY
    const isTold = now - last < ANNOUNCE_EVERY_MS
    if (isTold || stateOf(this.#conversations.load(id)) !== 'open') return
    this.#announcedAt.set(id, now)
    transmit({ type: 'typing', conversationId: id })
  }

  isTyping(id: ConversationId): boolean {
    const now = performance.now()
    return [...(this.#shownUntil.get(id)?.values() ?? [])].some((until) => until > now)
  }

  /** Another participant is typing. */
  show(id: ConversationId, accountId: AccountId): void {
    const conversation = this.#conversations.get(id)
    if (!conversation || stateOf(conversation) !== 'open') return
    if (!othersIn(conversation).includes(accountId)) return
    const wasTyping = this.isTyping(id)
    const shown = this.#shownUntil.get(id) ?? new Map<AccountId, number>()
    this.#shownUntil.set(id, shown.set(accountId, performance.now() + SHOWN_FOR_MS))
    this.#timers.after(SHOWN_FOR_MS + 1, () => {
      if (!this.isTyping(id)) this.#onChange(id)
    })
    if (!wasTyping) this.#onChange(id)
  }

  /** A message from this account has arrived, so it's no longer being typed. */
  ended(id: ConversationId, accountId: AccountId): void {
    if (this.#shownUntil.get(id)?.delete(accountId)) this.#onChange(id)
  }

  close(): void {
    this.#timers.clear()
  }
}
