import { DomainError, type Tx } from '@sotto/service-runtime'
import {
  type AccountId,
  type Actor,
  type ConversationId,
  type OpenedConversation,
  type ParticipantState,
  Protocol,
} from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as accounts from '../../store/accounts/accounts.ts'
import * as blocks from '../../store/conversations/blocks.ts'
import * as conversations from '../../store/conversations/conversations.ts'
import * as participants from '../../store/conversations/participants.ts'
import * as accountUsage from '../../store/usage/account-usage.ts'
import { admitDevice } from '../devices/admit-device.ts'
import { transact } from '../eras/transact.ts'
import { allowanceOf, countsAllowed, ensureRoom } from '../usage/quotas.ts'
import { openConversation } from './read-conversations.ts'

/** A conversation as its creator asks for it; `participants` are the others. */
export interface WantedConversation {
  readonly id: ConversationId
  readonly protocol: string
  readonly participants: readonly AccountId[]
}

/** A conversation that this version can create. */
interface Wanted {
  readonly id: ConversationId
  readonly protocol: Protocol
  readonly creator: AccountId
  readonly other: AccountId
}

/** A conversation that can be created, or the retry of one that was. */
interface Plan {
  readonly isCreated: boolean
  readonly otherState: 'requested' | 'accepted'
}

/**
 * Creates a conversation and tells the other side at once, with the creator's signed keys. The same
 * request again gives the same conversation. Two people have one conversation in each protocol.
 */
export async function createConversation(
  context: ChatContext,
  actor: Actor,
  asked: WantedConversation,
): Promise<OpenedConversation> {
  const { sql, limits, now } = context
  const { accountId } = actor
  const wanted = parseWanted(accountId, asked)
  // Before the transaction: a limiter uses a connection of its own, and whoever holds one must
  // not wait for another.
  await admitDevice(sql, actor)
  const { isCreated, otherState } = await plan(sql, wanted)
  if (!isCreated) {
    await limits.consume('conversations_hourly', accountId)
    await limits.consume('conversations', accountId)
    if (otherState === 'requested') await limits.consume('contact_requests', accountId)
  }

  return transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId, wanted.other])
    await admitDevice(tx, actor)
    const { isCreated, otherState } = await plan(tx, wanted)
    if (!isCreated) {
      await ensureAllowed(tx, context, accountId)
      await add(tx, wanted, otherState, now())
      const seenByOther = await openConversation(tx, wanted.other, wanted.id)
      await record([
        { type: 'conversation.created', recipients: [wanted.other], ...seenByOther },
        { type: 'conversation.changed', recipients: [accountId], conversationId: wanted.id },
      ])
    }
    return openConversation(tx, accountId, wanted.id)
  })
}

/** Throws `quota_exceeded` when the account has begun as many as it may, or has no room for one more. */
async function ensureAllowed(tx: Tx, { quotas, now }: ChatContext, accountId: AccountId) {
  const usage = await accountUsage.find(tx, accountId)
  const allowed = countsAllowed(usage, quotas).conversations
  const begun = { used: usage?.conversations ?? 0, allowed }
  ensureRoom('conversations', begun, 1)
  const { bytes } = allowanceOf(usage, quotas, now())
  ensureRoom('bytes', bytes, accountUsage.CONVERSATION_BYTES)
}

/** Throws for what is not supported: other protocols, and more or fewer than one other participant. */
function parseWanted(creator: AccountId, { id, protocol, participants }: WantedConversation) {
  const known = Protocol.safeParse(protocol)
  if (!known.success) throw new DomainError('protocol_not_supported')
  const [other, ...more] = participants
  if (!other || more.length > 0 || other === creator) {
    throw new DomainError('participants_not_supported')
  }
  return { id, protocol: known.data, creator, other } satisfies Wanted
}

async function plan(tx: Tx, wanted: Wanted): Promise<Plan> {
  const { id, protocol, creator, other } = wanted
  const origin = await conversations.findOrigin(tx, id)
  const shared = await participants.listOfPair(tx, creator, other)
  const isShared = shared.some(({ conversationId }) => conversationId === id)
  if (isShared && origin?.createdBy === creator && origin.protocol === protocol) {
    return { isCreated: true, otherState: 'requested' }
  }
  // In any state: the existence of a conversation says nothing about a block or a refusal.
  const conversationId = await conversations.findOfPair(tx, [creator, other], protocol)
  if (conversationId) throw new DomainError('conversation_exists', { conversationId })
  if (origin) throw new DomainError('conversation_exists')
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
  { id, protocol, creator, other }: Wanted,
  otherState: 'requested' | 'accepted',
  createdAt: number,
) {
  const isAdded = await conversations.add(tx, { id, protocol, createdBy: creator }, createdAt)
  if (!isAdded) throw new DomainError('conversation_exists')
  await accountUsage.addConversation(tx, creator, createdAt)
  await participants.add(tx, [
    { conversationId: id, accountId: creator, state: 'accepted' },
    { conversationId: id, accountId: other, state: otherState },
  ])
}
