import type { AccountId, ConversationId } from '@sotto/wire'
import { needsRsaKey } from '../account-sync/own-account.ts'
import { isSignedSuccessor } from '../contacts/pins/key-decisions.ts'
import { followKeyChange } from '../sending/follow-key-change.ts'
import type { EngineParts } from './engine-parts.ts'
import type { ServerLink } from './server-link.ts'

/** The consequences of a change in the stored data: which views to rebuild, and which work to start. */
export class Changes {
  readonly #parts: EngineParts
  readonly #link: ServerLink
  readonly #onOwnChange: () => void

  constructor(parts: EngineParts, link: ServerLink, onOwnChange: () => void) {
    this.#parts = parts
    this.#link = link
    this.#onOwnChange = onOwnChange
  }

  /** A conversation's messages, members, marks, draft or outbox changed, or someone is typing in it. */
  conversationChanged(id: ConversationId): void {
    const { list, timelines, conversations, protocols, keyWork, updates } = this.#parts
    list.changed(id)
    timelines.changed(id)
    const conversation = conversations.get(id)
    if (conversation && needsRsaKey(protocols, conversation)) keyWork.wake('rsaKey')
    updates.changed({ view: 'conversations' })
  }

  contactChanged(id: AccountId): void {
    const { updates, me, lookAlikes, conversations, contacts, keyWork } = this.#parts
    updates.changed({ view: 'contacts' })
    lookAlikes.contactChanged(id)
    if (id === me().accountId) this.retryAll()
    for (const conversation of conversations.with(id)) {
      this.conversationChanged(conversation.id)
      this.#retryUnopened(conversation.id)
    }
    if (contacts.get(id)?.dirty) keyWork.wake('pins')
  }

  /** A contact's name now resembles another one, or no longer does. */
  looksChanged(id: AccountId): void {
    const { updates, conversations, list } = this.#parts
    updates.changed({ view: 'contacts' })
    for (const conversation of conversations.with(id)) {
      list.changed(conversation.id)
      updates.changed({ view: 'conversations' })
    }
  }

  /** A contact shows another identity key. */
  keyChanged(id: AccountId): void {
    const { contacts, onError } = this.#parts
    followKeyChange(this.#parts, id).catch(onError)
    // It is pinned once the logs are read to their end.
    if (isSignedSuccessor(contacts.get(id))) this.#link.catchUp()
  }

  /** Another device of our account has changed it. */
  ownChanged(): void {
    this.#onOwnChange()
    this.retryAll()
  }

  /**
   * The person decided about a contact here: messages that were waiting for it may be sent, and our other devices learn
   * of the decision.
   */
  pinned(): void {
    this.#parts.keyWork.wake('pins')
    this.#parts.deliver.wake()
  }

  /** Our account has more keys, so envelopes that didn't open may open now. */
  retryAll(): void {
    for (const { id } of this.#parts.conversations.all()) this.#retryUnopened(id)
  }

  #retryUnopened(id: ConversationId): void {
    const { conversations, receive, onError } = this.#parts
    if (conversations.get(id)?.window.unopened.length === 0) return
    receive.retryUnopened(id).catch(onError)
  }
}
