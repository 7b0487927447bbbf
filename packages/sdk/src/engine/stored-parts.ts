import type { AccountId, ConversationId } from '@sotto/wire'
import { type Contacts, openContacts } from '../contacts/contacts.ts'
import { type Conversations, openConversations } from '../conversations/conversations.ts'
import { type Drafts, openDrafts } from '../conversations/drafts.ts'
import { type LostMessages, openLostMessages } from '../conversations/lost-messages.ts'
import type { Protocols } from '../protocols/port.ts'
import { createProtocols as createUsualProtocols } from '../protocols/protocols.ts'
import { type Outbox, openOutbox } from '../sending/outbox.ts'
import { Questions } from '../transport/questions.ts'
import type { EngineOptions } from './engine-options.ts'

/** The parts that are read from storage before anything is shown. */
export interface StoredParts {
  readonly contacts: Contacts
  readonly conversations: Conversations
  readonly questions: Questions
  readonly outbox: Outbox
  readonly lost: LostMessages
  readonly drafts: Drafts
  readonly protocols: Protocols
}

export interface StoredPartsListeners {
  readonly onConversationChange: (id: ConversationId) => void
  readonly onContactChange: (id: AccountId) => void
  /** A contact shows another identity key. */
  readonly onKeyChange: (id: AccountId) => void
}

export async function openStoredParts(
  {
    context,
    createProtocols = createUsualProtocols,
  }: Pick<EngineOptions, 'context' | 'createProtocols'>,
  { onConversationChange, onContactChange, onKeyChange }: StoredPartsListeners,
): Promise<StoredParts> {
  const { storage, call, me, now } = context
  const questions = new Questions()
  const [contacts, conversations, outbox, drafts, lost] = await Promise.all([
    openContacts({
      storage,
      call,
      questions,
      now,
      self: me().accountId,
      onChange: onContactChange,
      onKeyChange,
    }),
    openConversations(storage, me(), onConversationChange),
    openOutbox(storage, onConversationChange),
    openDrafts(storage, onConversationChange),
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
