import type { AccountId, ConversationId } from '@sotto/wire'
import type { TalkContext } from '../account/state/talk-context.ts'
import { type Contacts, openContacts } from '../contacts/contacts.ts'
import { type Conversations, openConversations } from '../conversations/conversations.ts'
import { type Drafts, openDrafts } from '../conversations/drafts.ts'
import { type LostMessages, openLostMessages } from '../conversations/lost-messages.ts'
import type { Protocols } from '../protocols/port.ts'
import type { CreateProtocols } from '../protocols/protocols.ts'
import { type Outbox, openOutbox } from '../sending/outbox.ts'
import { Questions } from '../transport/questions.ts'

/** The data read from storage before anything is shown. */
export interface TalkParts {
  readonly contacts: Contacts
  readonly conversations: Conversations
  readonly questions: Questions
  readonly outbox: Outbox
  readonly lost: LostMessages
  readonly drafts: Drafts
  readonly protocols: Protocols
}

/** The listeners for changes; set once everything is loaded. */
export interface TalkListeners {
  conversationChanged: (id: ConversationId) => void
  contactChanged: (id: AccountId) => void
  keyChanged: (id: AccountId) => void
}

export async function openTalkParts(
  context: TalkContext,
  createProtocols: CreateProtocols,
  listeners: TalkListeners,
): Promise<TalkParts> {
  const { storage, call, me } = context
  const questions = new Questions()
  const changed = (id: ConversationId) => listeners.conversationChanged(id)
  const [contacts, conversations, outbox, drafts, lost] = await Promise.all([
    openContacts({
      storage,
      call,
      questions,
      now: context.now,
      self: me().accountId,
      changed: (id) => listeners.contactChanged(id),
      keyChanged: (id) => listeners.keyChanged(id),
    }),
    openConversations(storage, me(), changed),
    openOutbox(storage, changed),
    openDrafts(storage, changed),
    openLostMessages(storage),
  ])
  await contacts.seedSelf(me().own)
  return {
    contacts,
    conversations,
    questions,
    outbox,
    drafts,
    lost,
    protocols: createProtocols(me),
  }
}
