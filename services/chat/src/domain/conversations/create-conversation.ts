import { DomainError, type Tx } from '@sotto/service-runtime'
import {
  type AccountEvent,
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

/** A conversation as its creator requests it; `participants` are the others. */
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
  /** Everyone else, each once. */
  readonly others: readonly AccountId[]
}

/** A conversation that can be created, or the retry of an existing one. */
interface Plan {
  readonly alreadyExists: boolean
  /** Each of the others with the state in which they begin. */
  readonly states: ReadonlyMap<AccountId, 'requested' | 'accepted'>
}

const EXISTING: Plan = { alreadyExists: true, states: new Map() }

/**
 * Creates a conversation and notifies the others immediately, with everyone's signed keys. Idempotent: the same request
 * returns the same conversation. Two people have one conversation per protocol that is theirs alone.
 */
export async function createConversation(
  context: ChatContext,
  actor: Actor,
  asked: WantedConversation,
): Promise<OpenedConversation> {
  const { sql, limits, now } = context
  const { accountId } = actor
  const wanted = parseWanted(context, accountId, asked)
  // Before the transaction: a rate limiter uses a separate connection, and a caller that holds one
  // must not wait for another.
  await admitDevice(sql, actor)
  const expected = await findPlan(sql, wanted)
  if (!expected.alreadyExists) {
    await limits.consume('conversations_hourly', accountId)
    await limits.consume('conversations', accountId)
    for (const state of expected.states.values()) {
      if (state === 'requested') await limits.consume('contact_requests', accountId)
    }
  }

  return transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId, ...wanted.others])
    await admitDevice(tx, actor)
    const { alreadyExists, states } = await findPlan(tx, wanted)
    if (!alreadyExists) {
      await ensureAllowed(tx, context, accountId)
      await add(tx, wanted, states, now())
      const created = wanted.others.map(async (other): Promise<AccountEvent> => {
        const seen = await openConversation(tx, other, wanted.id)
        return { type: 'conversation.created', recipients: [other], ...seen }
      })
      await record([
        ...(await Promise.all(created)),
        { type: 'conversation.changed', recipients: [accountId], conversationId: wanted.id },
      ])
    }
    return openConversation(tx, accountId, wanted.id)
  })
}

/**
 * Throws `quota_exceeded` if the account has started as many conversations as it may, or has no
 * room for one more.
 */
async function ensureAllowed(tx: Tx, { quotas, now }: ChatContext, accountId: AccountId) {
  const usage = await accountUsage.find(tx, accountId)
  const allowed = countsAllowed(usage, quotas).conversations
  const begun = { used: usage?.conversations ?? 0, allowed }
  ensureRoom('conversations', begun, 1)
  const { bytes } = allowanceOf(usage, quotas, now())
  ensureRoom('bytes', bytes, accountUsage.CONVERSATION_BYTES)
}

/** Throws for other protocols, and for more or fewer participants than the protocol can have. */
function parseWanted(
  { maxParticipants }: ChatContext,
  creator: AccountId,
  { id, protocol, participants }: WantedConversation,
): Wanted {
  const known = Protocol.safeParse(protocol)
  if (!known.success) throw new DomainError('protocol_not_supported')
  const others = [...new Set(participants)]
  const isEachOnce = others.length === participants.length && !others.includes(creator)
  const isRightSize = others.length > 0 && others.length < maxParticipants[known.data]
  if (!isEachOnce || !isRightSize) throw new DomainError('participants_not_supported')
  return { id, protocol: known.data, creator, others }
}

/** Throws if the conversation cannot be created, or exists and is a different one. */
async function findPlan(tx: Tx, wanted: Wanted): Promise<Plan> {
  const { id, protocol, creator, others } = wanted
  const origin = await conversations.findOrigin(tx, id)
  const isSame = origin?.createdBy === creator && origin.protocol === protocol
  if (isSame && (await hasParticipants(tx, wanted))) return EXISTING
  const [only, ...more] = others
  if (only && more.length === 0) {
    // In any state: the existence of a conversation reveals nothing about a block or a refusal.
    const conversationId = await conversations.findOfPair(tx, [creator, only], protocol)
    if (conversationId) throw new DomainError('conversation_exists', { conversationId })
  }
  if (origin) throw new DomainError('conversation_exists')
  if ((await accounts.countPublished(tx, [creator, ...others])) <= others.length) {
    throw new DomainError('account_not_found')
  }
  const states = new Map<AccountId, 'requested' | 'accepted'>()
  for (const other of others) {
    const isBlocked = await blocks.existsBetween(tx, creator, other)
    const shared = await participants.listOfPair(tx, creator, other)
    const state = isBlocked ? null : stateOfOther(creator, shared)
    if (!state) throw new DomainError('conversation_closed')
    states.set(other, state)
  }
  return { alreadyExists: false, states }
}

/** Whether the conversation with this id has exactly the requested participants. */
async function hasParticipants(tx: Tx, { id, creator, others }: Wanted): Promise<boolean> {
  const found = new Set((await participants.list(tx, [id])).map(({ accountId }) => accountId))
  return found.size === others.length + 1 && [creator, ...others].every((one) => found.has(one))
}

/**
 * The other account's state in a new conversation, derived from the existing conversations of the
 * two; null if the other account does not want one. A declined request also applies to all further
 * ones, so that it looks the same as a block and cannot be repeated under another id.
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
  { id, protocol, creator }: Wanted,
  states: Plan['states'],
  createdAt: number,
) {
  const isAdded = await conversations.add(tx, { id, protocol, createdBy: creator }, createdAt)
  if (!isAdded) throw new DomainError('conversation_exists')
  await accountUsage.addConversation(tx, creator, createdAt)
  const all = [[creator, 'accepted'] as const, ...states]
  await participants.add(
    tx,
    all.map(([accountId, state]) => ({ conversationId: id, accountId, state })),
  )
}
