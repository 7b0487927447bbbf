import { type AccountId, ConversationId, chatRequests, type Protocol } from '@sotto/wire'
import { type CatchUpDependencies, refreshConversation, takeOpened } from './catch-up.ts'
import { ClientError } from './errors.ts'

/** The conversation with this person and protocol that is here, or a new one. */
export async function startConversation(
  deps: CatchUpDependencies,
  accountId: AccountId,
  protocol: Exclude<Protocol, 'mls'>,
): Promise<ConversationId> {
  const existing = deps.conversations.with(accountId).find((known) => known.protocol === protocol)
  if (existing) return existing.id

  const contact = await deps.contacts.fetch(accountId)
  if (contact.changed) throw new ClientError('key_changed')
  const id = ConversationId.parse(crypto.randomUUID())
  const body = { id, protocol, participants: [accountId] }
  const asked = deps.conversations.ask()
  const opened = await deps.call(chatRequests.createConversation, { body })
  const { conversation } = opened
  const isTheOne =
    conversation.id === id &&
    conversation.protocol === protocol &&
    conversation.participants.some((participant) => participant.accountId === accountId)
  if (!isTheOne) throw new ClientError('untrusted_answer')
  await takeOpened(deps, opened, asked)
  await keep(deps, accountId)
  return id
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
  if (answer === 'accepted') await keep(deps, peer)
  // A block holds for every conversation of the two.
  await refreshWith(deps, peer)
  await deps.conversations.update(id, (conversation) => {
    const isOwed = conversation.mine === 'accepted' && conversation.newest > 0
    return isOwed ? { next: { ...conversation, marksDue: true } } : undefined
  })
}

/** Reads again all that is shared with one person. */
export async function refreshWith(deps: CatchUpDependencies, peer: AccountId): Promise<void> {
  for (const { id } of deps.conversations.with(peer)) await refreshConversation(deps, id)
}

/** From here on the pin belongs to all own devices. */
async function keep({ contacts }: CatchUpDependencies, accountId: AccountId): Promise<void> {
  if (contacts.get(accountId)?.kept) return
  await contacts.update(accountId, { kept: true, dirty: true })
}
