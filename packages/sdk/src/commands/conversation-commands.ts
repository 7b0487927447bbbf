import {
  type AccountId,
  type Conversation,
  ConversationId,
  chatRequests,
  type OpenedConversation,
  type Protocol,
} from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import { type CatchUpDependencies, refreshConversation, takeOpened } from '../receiving/catch-up.ts'

/** The conversation with this person and protocol that is here, or a new one. */
export async function startConversation(
  deps: CatchUpDependencies,
  accountId: AccountId,
  protocol: Protocol,
): Promise<ConversationId> {
  const existing = deps.conversations
    .with(accountId)
    .find((known) => known.protocol === protocol && known.aside !== 'replaced')
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
  await takeOpened(deps, opened, asked)
  await fixProtocol(deps, id)
  await deps.contacts.keep(accountId)
  return id
}

/** Whether an answer is about a conversation with this person in this protocol. */
function isWith(told: Conversation, accountId: AccountId, protocol: Protocol): boolean {
  const isPeer = told.participants.some((participant) => participant.accountId === accountId)
  return isPeer && told.protocol === protocol
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
    next: { ...conversation, isProtocolChosen: true },
  }))
}

/** Answers a contact request, or takes the answer back. */
export async function answerRequest(
  deps: CatchUpDependencies,
  id: ConversationId,
  answer: 'accepted' | 'declined' | 'blocked',
): Promise<void> {
  const { peer } = deps.conversations.load(id)
  const params = { conversationId: id }
  await deps.call(chatRequests.answerConversation, { params, body: { state: answer } })
  if (answer === 'accepted') {
    await fixProtocol(deps, id)
    await deps.contacts.keep(peer)
  }
  // A block holds for every conversation of the two.
  await refreshWith(deps, peer)
  await deps.conversations.update(id, (conversation) => {
    const isOwed = conversation.mine === 'accepted' && conversation.newest > 0
    return isOwed ? { next: { ...conversation, marksDue: true } } : undefined
  })
}

/** Reads again all that is shared with one person. */
export async function refreshWith(deps: CatchUpDependencies, peer: AccountId): Promise<void> {
  for (const { id, aside } of deps.conversations.with(peer)) {
    if (aside !== 'replaced') await refreshConversation(deps, id)
  }
}
