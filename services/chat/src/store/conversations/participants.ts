import type { Tx } from '@sotto/service-runtime'
import type { AccountId, ConversationId, ParticipantState } from '@sotto/wire'

/** What a participant has answered to the contact request. */
export type Answer = 'requested' | 'accepted' | 'declined'

/** Where a participant really stands; others see less. */
export interface Standing {
  readonly conversationId: ConversationId
  readonly accountId: AccountId
  /** The answer, unless the participant blocks the other one. */
  readonly state: ParticipantState
  readonly answer: Answer
}

/** Everybody in these conversations. */
export async function list(
  tx: Tx,
  conversationIds: readonly ConversationId[],
): Promise<readonly Standing[]> {
  return tx<Standing[]>`
    select conversation_id as "conversationId", account_id as "accountId", state, answer
    from chat.participants where conversation_id = any(${conversationIds}::uuid[])`
}

/** Everybody in all conversations that two accounts share. */
export async function listOfPair(
  tx: Tx,
  one: AccountId,
  other: AccountId,
): Promise<readonly Standing[]> {
  return tx<Standing[]>`
    select p.conversation_id as "conversationId", p.account_id as "accountId", p.state, p.answer
    from chat.participants a
    join chat.participants b using (conversation_id)
    join chat.participants p using (conversation_id)
    where a.account_id = ${one} and b.account_id = ${other}`
}

/** An account that shares a conversation, and the moment at which the first one began. */
export interface Acquaintance {
  readonly accountId: AccountId
  readonly since: number
}

/** Those of `ids` that share a conversation with this account, whatever has become of it. */
export async function listAcquaintances(
  tx: Tx,
  accountId: AccountId,
  ids: readonly AccountId[],
): Promise<readonly Acquaintance[]> {
  return tx<Acquaintance[]>`
    select other.account_id as "accountId", min(c.created_at) as since
    from chat.participants me
    join chat.participants other using (conversation_id)
    join chat.conversations c on c.id = me.conversation_id
    where me.account_id = ${accountId} and other.account_id = any(${ids}::uuid[])
      and other.account_id <> me.account_id
    group by other.account_id`
}

/**
 * The accounts that share a conversation with this one and have not closed it. Whether this one has makes no
 * difference: they would see that.
 */
export async function listContacts(tx: Tx, accountId: AccountId): Promise<AccountId[]> {
  const rows = await tx<{ accountId: AccountId }[]>`
    select distinct other.account_id as "accountId"
    from chat.participants me
    join chat.participants other using (conversation_id)
    where me.account_id = ${accountId} and other.account_id <> ${accountId}
      and other.state in ('requested', 'accepted')`
  return rows.map((row) => row.accountId)
}

export async function add(
  tx: Tx,
  standings: readonly (Pick<Standing, 'conversationId' | 'accountId'> & {
    state: 'requested' | 'accepted'
  })[],
) {
  await tx`
    insert into chat.participants (conversation_id, account_id, answer)
    select * from unnest(
      ${standings.map(({ conversationId }) => conversationId)}::uuid[],
      ${standings.map(({ accountId }) => accountId)}::uuid[],
      ${standings.map(({ state }) => state)}::text[]
    )`
}

/** Records a participant's answer to the contact request. */
export async function answer(
  tx: Tx,
  {
    conversationId,
    accountId,
    state,
  }: Pick<Standing, 'conversationId' | 'accountId'> & { state: 'accepted' | 'declined' },
) {
  await tx`
    update chat.participants set
      answer = ${state},
      changed_xid = pg_current_xact_id(),
      shown_xid = case
        when (answer = 'accepted') <> (${state} = 'accepted')
        then pg_current_xact_id() else shown_xid end
    where conversation_id = ${conversationId} and account_id = ${accountId}`
}

/**
 * Marks in these conversations that the account blocks the other one, or does so no more. The other one sees
 * nothing of it.
 */
export async function setBlocking(
  tx: Tx,
  accountId: AccountId,
  conversationIds: readonly ConversationId[],
  isBlocking: boolean,
) {
  // In the order in which receipts are recorded, so that the two never wait for each other.
  await tx`
    with locked as (
      select conversation_id from chat.participants
      where account_id = ${accountId} and conversation_id = any(${conversationIds}::uuid[])
        and is_blocking <> ${isBlocking}
      order by conversation_id for update
    )
    update chat.participants p set
      is_blocking = ${isBlocking},
      changed_xid = pg_current_xact_id()
    from locked where p.conversation_id = locked.conversation_id and p.account_id = ${accountId}`
}

/** Makes every conversation of the account count as changed for the other participants. */
export async function showAnew(tx: Tx, accountId: AccountId) {
  // In the order in which receipts are recorded, so that the two never wait for each other.
  await tx`
    with locked as (
      select conversation_id from chat.participants where account_id = ${accountId}
      order by conversation_id for update
    )
    update chat.participants p set shown_xid = pg_current_xact_id()
    from locked where p.conversation_id = locked.conversation_id and p.account_id = ${accountId}`
}

/** A conversation that the account is in. */
export async function findConversation(
  tx: Tx,
  accountId: AccountId,
): Promise<ConversationId | undefined> {
  const [row] = await tx<{ id: ConversationId }[]>`
    select conversation_id as id from chat.participants where account_id = ${accountId} limit 1`
  return row?.id
}

/** How many conversations the account is in. */
export async function countConversations(tx: Tx, accountId: AccountId): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int from chat.participants where account_id = ${accountId}`
  return row?.count ?? 0
}

/** Removes everybody from a conversation. The caller holds its lock. */
export async function removeAll(tx: Tx, conversationId: ConversationId) {
  // In the order in which receipts are recorded, so that the two never wait for each other.
  await tx`
    with locked as (
      select account_id from chat.participants where conversation_id = ${conversationId}
      order by account_id for update
    )
    delete from chat.participants p using locked
    where p.conversation_id = ${conversationId} and p.account_id = locked.account_id`
}

/** Takes for changed now what is marked as changed by a transaction that does not exist yet. */
export async function forgetFutureChanges(tx: Tx) {
  await tx`
    update chat.participants set
      changed_xid = least(changed_xid, pg_current_xact_id()),
      shown_xid = least(shown_xid, pg_current_xact_id())
    where changed_xid > pg_current_xact_id() or shown_xid > pg_current_xact_id()`
}
