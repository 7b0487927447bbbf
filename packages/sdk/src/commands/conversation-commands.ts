import {
  type AccountId,
  type Conversation,
  ConversationId,
  chatRequests,
  type OpenedConversation,
  type Protocol,
} from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import { isAccepted, othersIn } from '../conversations/conversation-record.ts'
import {
  type CatchUpDependencies,
  learnOpened,
  refreshConversation,
} from '../receiving/catch-up.ts'

/** The conversation with this person and protocol that is here, or a new one. */
export async function startConversation(
  deps: CatchUpDependencies,
  accountId: AccountId,
  protocol: Protocol,
): Promise<ConversationId> {
  const existing = deps.conversations
    .with(accountId)
    .find(({ membership }) => membership.protocol === protocol && membership.aside !== 'replaced')
  if (existing) return existing.id

  const contact = await deps.contacts.fetch(accountId)
  if (contact.changed) throw new ClientError('key_changed')
  const id = ConversationId.parse(crypto.randomUUID())
  const body = { id, protocol, participants: [accountId] }
  const asked = deps.questions.ask()
  const opened = await createOrFind(deps, body)
  if ('existing' in opened) return openExisting(deps, opened.existing, accountId, protocol)
  const { conversation } = opened
  const isTheOne = conversation.id === id && isWith(conversation, accountId, protocol)
  if (!isTheOne) throw new ClientError('untrusted_answer')
  await learnOpened(deps, opened, asked)
  await fixProtocol(deps, id)
  await deps.contacts.keep(accountId)
  return id
}

/** Whether an answer is about a conversation with this person in this protocol. */
function isWith(told: Conversation, accountId: AccountId, protocol: Protocol): boolean {
  const takesPart = told.participants.some((participant) => participant.accountId === accountId)
  return takesPart && told.protocol === protocol
}

/** A new conversation, or the one that already exists in this protocol. */
async function createOrFind(
  { call }: CatchUpDependencies,
  body: { id: ConversationId; protocol: Protocol; participants: AccountId[] },
): Promise<OpenedConversation | { existing: ConversationId }> {
  try {
    return await call(chatRequests.createConversation, { body })
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'conversation_exists') throw error
    const existing = ConversationId.safeParse(error.details?.conversationId)
    if (!existing.success || existing.data === body.id) throw error
    return { existing: existing.data }
  }
}

async function openExisting(
  deps: CatchUpDependencies,
  id: ConversationId,
  accountId: AccountId,
  protocol: Protocol,
): Promise<ConversationId> {
  await refreshConversation(deps, id, (told) => isWith(told, accountId, protocol))
  await fixProtocol(deps, id)
  await deps.contacts.keep(accountId)
  return id
}

/** The person chose this protocol, or accepted a request in it. */
async function fixProtocol({ conversations }: CatchUpDependencies, id: ConversationId) {
  await conversations.update(id, (conversation) => ({
    next: {
      ...conversation,
      membership: { ...conversation.membership, isProtocolChosen: true },
    },
  }))
}

/** Answers a contact request, or takes the answer back. */
export async function answerRequest(
  deps: CatchUpDependencies,
  id: ConversationId,
  answer: 'accepted' | 'declined' | 'blocked',
): Promise<void> {
  const others = othersIn(deps.conversations.load(id))
  const params = { conversationId: id }
  await deps.call(chatRequests.answerConversation, { params, body: { state: answer } })
  if (answer === 'accepted') {
    await fixProtocol(deps, id)
    for (const accountId of others) await deps.contacts.keep(accountId)
  }
  // A block holds for every conversation with the same person.
  for (const accountId of others) await refreshWith(deps, accountId)
  await deps.conversations.update(id, (conversation) => {
    const isOwed = isAccepted(conversation) && conversation.window.newest > 0
    const reading = { ...conversation.reading, marksDue: true }
    return isOwed ? { next: { ...conversation, reading } } : undefined
  })
}

/** Reads again all that is shared with one person. */
export async function refreshWith(deps: CatchUpDependencies, accountId: AccountId): Promise<void> {
  for (const { id, membership } of deps.conversations.with(accountId)) {
    if (membership.aside !== 'replaced') await refreshConversation(deps, id)
  }
}
