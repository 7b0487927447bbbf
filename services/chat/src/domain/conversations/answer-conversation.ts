import { DomainError, type Tx } from '@sotto/service-runtime'
import type { AccountEvent, AccountId, Actor, ConversationId } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as accounts from '../../store/accounts/accounts.ts'
import * as blocks from '../../store/conversations/blocks.ts'
import * as conversations from '../../store/conversations/conversations.ts'
import * as participants from '../../store/conversations/participants.ts'
import { admitDevice } from '../devices/admit-device.ts'
import { transact } from '../eras/transact.ts'
import { shownAs } from './conversation-view.ts'

/** More would not fit into the answer that lists them. */
const MAX_BLOCKED = 1000

type Answer = 'accepted' | 'declined' | 'blocked'

/**
 * Answers a contact request, or withdraws an answer. `blocked` applies to the other account and
 * closes every conversation of the two until `accepted` or `unblock`; `declined` keeps an existing
 * block.
 */
export async function answerConversation(
  context: ChatContext,
  actor: Actor,
  { conversationId, state }: { conversationId: ConversationId; state: Answer },
): Promise<void> {
  const { accountId } = actor
  const [other, ...more] = await findOthers(context.sql, accountId, conversationId)
  if (!other) throw new DomainError('conversation_not_found')
  if (more.length > 0) return answerInGroup(context, actor, { conversationId, state })
  await transact(context, async (tx, record) => {
    const before = await lockPair(tx, actor, other)
    const ids = idsOf(before)
    if (state === 'blocked') {
      await block(tx, { accountId, other, ids }, context.now())
    } else {
      if (state === 'accepted') await unblockPair(tx, { accountId, other, ids })
      await participants.answer(tx, { conversationId, accountId, state })
    }
    await record(await changes(tx, { accountId, before }))
  })
}

/** Withdraws a block. The conversations of the two return to their state before it. */
export async function unblock(context: ChatContext, actor: Actor, other: AccountId): Promise<void> {
  const { accountId } = actor
  await transact(context, async (tx, record) => {
    const before = await lockPair(tx, actor, other)
    await unblockPair(tx, { accountId, other, ids: idsOf(before) })
    await record(await changes(tx, { accountId, before }))
  })
}

/** The accounts that this account blocks. */
export async function listBlocked(
  { sql }: ChatContext,
  { accountId }: Actor,
): Promise<{ accounts: AccountId[] }> {
  return { accounts: await blocks.list(sql, accountId) }
}

/** The other participants of a conversation. Throws if the account is not one of them. */
async function findOthers(
  tx: Tx,
  accountId: AccountId,
  id: ConversationId,
): Promise<readonly AccountId[]> {
  const all = (await participants.list(tx, [id])).map((standing) => standing.accountId)
  if (!all.includes(accountId)) throw new DomainError('conversation_not_found')
  return all.filter((one) => one !== accountId)
}

/**
 * An answer in a conversation of more than two, which concerns that conversation only. A block holds
 * for one person, and is refused here.
 */
async function answerInGroup(
  context: ChatContext,
  actor: Actor,
  { conversationId, state }: { conversationId: ConversationId; state: Answer },
): Promise<void> {
  const { accountId } = actor
  if (state === 'blocked') throw new DomainError('participants_not_supported')
  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    await admitDevice(tx, actor)
    await conversations.lock(tx, [conversationId])
    const before = await participants.list(tx, [conversationId])
    await participants.answer(tx, { conversationId, accountId, state })
    await record(await changes(tx, { accountId, before }))
  })
}

/** Makes new conversations of the two, and envelopes in existing ones, wait for the answer. */
async function lockPair(tx: Tx, actor: Actor, other: AccountId) {
  const { accountId } = actor
  await accounts.lock(tx, [accountId, other])
  await admitDevice(tx, actor)
  const standings = await participants.listOfPair(tx, accountId, other)
  await conversations.lock(tx, idsOf(standings))
  return standings
}

interface Pair {
  readonly accountId: AccountId
  readonly other: AccountId
  readonly ids: readonly ConversationId[]
}

async function block(tx: Tx, { accountId, other, ids }: Pair, blockedAt: number) {
  const blocked = await blocks.list(tx, accountId)
  if (!blocked.includes(other) && blocked.length >= MAX_BLOCKED) throw new DomainError('too_many')
  await blocks.add(tx, accountId, other, blockedAt)
  await participants.setBlocking(tx, accountId, ids, true)
}

async function unblockPair(tx: Tx, { accountId, other, ids }: Pair) {
  await blocks.remove(tx, accountId, other)
  await participants.setBlocking(tx, accountId, ids, false)
}

/**
 * The changes, for the account's own devices. The other account only learns whether the account has
 * now accepted or no longer has; it never sees a block.
 */
async function changes(
  tx: Tx,
  { accountId, before }: { accountId: AccountId; before: readonly participants.Standing[] },
): Promise<AccountEvent[]> {
  const after = await participants.list(tx, idsOf(before))
  const ownBefore = before.filter((standing) => standing.accountId === accountId)
  return ownBefore.flatMap((old): AccountEvent[] => {
    const { conversationId } = old
    const standings = after.filter((standing) => standing.conversationId === conversationId)
    const own = standings.find((standing) => standing.accountId === accountId)
    if (!own || own.state === old.state) return []
    const isShown = shownAs(own.answer) !== shownAs(old.answer)
    const recipients = isShown ? standings.map((standing) => standing.accountId) : [accountId]
    return [{ type: 'conversation.changed', recipients, conversationId }]
  })
}

function idsOf(standings: readonly participants.Standing[]): ConversationId[] {
  return [...new Set(standings.map(({ conversationId }) => conversationId))]
}
