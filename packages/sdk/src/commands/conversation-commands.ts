import {
  type AccountId,
  type Conversation,
  ConversationId,
  chatRequests,
  type OpenedConversation,
  type Protocol,
} from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import {
  type ConversationRecord,
  isAccepted,
  othersIn,
} from '../conversations/conversation-record.ts'
import {
  type CatchUpDependencies,
  learnOpened,
  refreshConversation,
} from '../receiving/catch-up.ts'

/**
 * Commands about people and conversations: each asks the server, checks its answer against the question, and stores the
 * result. A command that fails may be repeated: a second attempt finds the direct conversation that the first one
 * created, and an answer to a request may be given again.
 */

/** The existing direct conversation with this person in this protocol, or a new one. Groups are always new. */
export async function startConversation(
  deps: CatchUpDependencies,
  others: readonly AccountId[],
  protocol: Protocol,
): Promise<ConversationId> {
  const existing = directWith(deps, others, protocol)
  if (existing) return existing.id

  const contacts = await Promise.all(others.map((accountId) => deps.contacts.fetch(accountId)))
  if (contacts.some(({ changed }) => changed)) throw new ClientError('key_changed')
  const id = ConversationId.parse(crypto.randomUUID())
  const asked = deps.questions.ask()
  const opened = await createOrFind(deps, { id, protocol, participants: [...others] })
  if ('existing' in opened) {
    await refreshConversation(deps, opened.existing, (told) => isWith(told, others, protocol))
    return keepStarted(deps, opened.existing, others)
  }
  const { conversation } = opened
  const isTheOne = conversation.id === id && isWith(conversation, others, protocol)
  if (!isTheOne) throw new ClientError('untrusted_answer')
  await learnOpened(deps, opened, asked)
  return keepStarted(deps, id, others)
}

/** The known conversation with one other person. */
function directWith(
  { conversations }: CatchUpDependencies,
  [accountId, ...more]: readonly AccountId[],
  protocol: Protocol,
): ConversationRecord | undefined {
  if (!accountId || more.length > 0) return undefined
  return conversations
    .with(accountId)
    .find(
      (one) =>
        one.membership.protocol === protocol &&
        one.membership.aside !== 'replaced' &&
        othersIn(one).length === 1,
    )
}

/** Whether the server describes a conversation with exactly these people in this protocol. */
function isWith(told: Conversation, others: readonly AccountId[], protocol: Protocol): boolean {
  const ids = new Set(told.participants.map(({ accountId }) => accountId))
  const hasAll = others.every((accountId) => ids.has(accountId))
  return hasAll && ids.size === others.length + 1 && told.protocol === protocol
}

async function keepStarted(
  deps: CatchUpDependencies,
  id: ConversationId,
  others: readonly AccountId[],
): Promise<ConversationId> {
  await fixProtocol(deps, id)
  for (const accountId of others) await deps.contacts.keep(accountId)
  return id
}

/** Creates a conversation, or finds the existing one in this protocol. */
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

/** The person chose this protocol, or accepted a request in it. */
async function fixProtocol({ conversations }: CatchUpDependencies, id: ConversationId) {
  await conversations.update(id, (conversation) => ({
    next: {
      ...conversation,
      membership: { ...conversation.membership, isProtocolChosen: true },
    },
  }))
}

/** Answers a contact request, or withdraws the answer. */
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
  // A block applies to every conversation with the same person.
  for (const accountId of others) await refreshWith(deps, accountId)
  await deps.conversations.update(id, (conversation) => {
    const isOwed = isAccepted(conversation) && conversation.window.newest > 0
    const reading = { ...conversation.reading, marksDue: true }
    return isOwed ? { next: { ...conversation, reading } } : undefined
  })
}

/** Re-reads every conversation shared with one person. */
export async function refreshWith(deps: CatchUpDependencies, accountId: AccountId): Promise<void> {
  for (const { id, membership } of deps.conversations.with(accountId)) {
    if (membership.aside !== 'replaced') await refreshConversation(deps, id)
  }
}
