import { DomainError, type Tx } from '@sotto/service-runtime'
import type {
  AccountId,
  Actor,
  ConversationId,
  OpenedConversation,
  ParticipantState,
  Protocol,
} from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import * as accounts from '../store/accounts.ts'
import * as blocks from '../store/blocks.ts'
import * as conversations from '../store/conversations.ts'
import * as participants from '../store/participants.ts'
import { openConversation } from './read-conversations.ts'
import { transact } from './transact.ts'

/** A conversation as its creator wants it; `participants` are the others. */
export interface WantedConversation {
  readonly id: ConversationId
  readonly protocol: Protocol
  readonly participants: readonly AccountId[]
}

/** A conversation that can be created, or the retry of one that was. */
interface Plan {
  readonly isCreated: boolean
  readonly otherState: 'requested' | 'accepted'
}

/**
 * Creates a conversation and tells the other side at once, with the creator's signed keys. The same
 * request again gives the same conversation.
 */
export async function createConversation(
  context: ChatContext,
  { accountId }: Actor,
  wanted: WantedConversation,
): Promise<OpenedConversation> {
  const { sql, limits, now } = context
  const other = otherOf(accountId, wanted)
  // Before the transaction: a limiter uses a connection of its own, and whoever holds one must
  // not wait for another.
  const { isCreated, otherState } = await plan(sql, accountId, other, wanted)
  if (!isCreated && otherState === 'requested') await limits.consume('contact_requests', accountId)

  return transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId, other])
    const { isCreated, otherState } = await plan(tx, accountId, other, wanted)
    if (!isCreated) {
      await add(tx, { creator: accountId, other, otherState }, wanted, now())
      const seenByOther = await openConversation(tx, other, wanted.id)
      await record([
        { type: 'conversation.created', recipients: [other], ...seenByOther },
        { type: 'conversation.changed', recipients: [accountId], conversationId: wanted.id },
      ])
    }
    return openConversation(tx, accountId, wanted.id)
  })
}

/** The one other participant; throws for what is not supported. */
function otherOf(creator: AccountId, { protocol, participants }: WantedConversation): AccountId {
  if (protocol === 'mls') throw new DomainError('protocol_not_supported')
  const [other, ...more] = participants
  if (!other || more.length > 0 || other === creator) {
    throw new DomainError('participants_not_supported')
  }
  return other
}

async function plan(
  tx: Tx,
  creator: AccountId,
  other: AccountId,
  wanted: WantedConversation,
): Promise<Plan> {
  const origin = await conversations.findOrigin(tx, wanted.id)
  const shared = await participants.listOfPair(tx, creator, other)
  if (origin) {
    const isSame =
      origin.createdBy === creator &&
      origin.protocol === wanted.protocol &&
      shared.some(({ conversationId }) => conversationId === wanted.id)
    if (!isSame) throw new DomainError('conversation_exists')
    return { isCreated: true, otherState: 'requested' }
  }
  if ((await accounts.countPublished(tx, [creator, other])) < 2) {
    throw new DomainError('account_not_found')
  }
  const isBlocked = await blocks.existsBetween(tx, creator, other)
  const otherState = isBlocked ? null : stateOfOther(creator, shared)
  if (!otherState) throw new DomainError('conversation_closed')
  return { isCreated: false, otherState }
}

/**
 * Where the other side of a new conversation stands, by the conversations that the two share; null
 * when the other side does not want one. A declined request holds for all further ones, so that it
 * looks the same as a block and cannot be asked again under another id.
 */
function stateOfOther(
  creator: AccountId,
  shared: readonly participants.Standing[],
): 'accepted' | 'requested' | null {
  const statesOf = (all: readonly participants.Standing[]) => all.map(({ state }) => state)
  const together = [...Map.groupBy(shared, ({ conversationId }) => conversationId).values()]
  const isAcceptedByBoth = together.some((both) =>
    statesOf(both).every((state) => state === 'accepted'),
  )
  if (isAcceptedByBoth) return 'accepted'
  const states: ParticipantState[] = statesOf(
    shared.filter(({ accountId }) => accountId !== creator),
  )
  return states.includes('declined') ? null : 'requested'
}

async function add(
  tx: Tx,
  people: { creator: AccountId; other: AccountId; otherState: 'requested' | 'accepted' },
  { id, protocol }: WantedConversation,
  createdAt: number,
) {
  const { creator, other, otherState } = people
  const isAdded = await conversations.add(tx, { id, protocol, createdBy: creator }, createdAt)
  if (!isAdded) throw new DomainError('conversation_exists')
  await participants.add(tx, [
    { conversationId: id, accountId: creator, state: 'accepted' },
    { conversationId: id, accountId: other, state: otherState },
  ])
}
