import type { Tx } from '@sotto/service-runtime'
import type { AccountId, ConversationId, ParticipantState } from '@sotto/wire'

/** A participant's answer to the contact request. */
export type Answer = 'requested' | 'accepted' | 'declined'

/** A participant's true state; others see less. */
export interface Standing {
  readonly conversationId: ConversationId
  readonly accountId: AccountId
  /** The answer, unless the participant blocks the other one. */
  readonly state: ParticipantState
  readonly answer: Answer
}

/** All participants of these conversations. */
export async function list(
  tx: Tx,
  conversationIds: readonly ConversationId[],
): Promise<readonly Standing[]> {
  return tx<Standing[]>`
    select conversation_id as "conversationId", account_id as "accountId", state, answer
    from chat.participants where conversation_id = any(${conversationIds}::uuid[])`
}

/** Both participants of every conversation that consists of exactly these two accounts. */
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
    where a.account_id = ${one} and b.account_id = ${other} and not exists (
      select from chat.participants third
      where third.conversation_id = a.conversation_id
        and third.account_id not in (${one}, ${other})
    )`
}

/** An account that shares a conversation, and when the first one began. */
export interface Acquaintance {
  readonly accountId: AccountId
  readonly since: number
}

/** The accounts among `ids` that share a conversation with this account, whatever its state. */
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
 * The accounts that share a conversation with this one and have not closed it. Whether this account
 * has closed it makes no difference, because they would notice.
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

/** Marks in these conversations whether the account blocks the other one, who cannot see it. */
export async function setBlocking(
  tx: Tx,
  accountId: AccountId,
  conversationIds: readonly ConversationId[],
  isBlocking: boolean,
) {
  // In the order in which receipts are recorded, to prevent deadlocks.
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

/** Marks every conversation of the account as changed for the other participants. */
export async function showAnew(tx: Tx, accountId: AccountId) {
  // In the order in which receipts are recorded, to prevent deadlocks.
  await tx`
    with locked as (
      select conversation_id from chat.participants where account_id = ${accountId}
      order by conversation_id for update
    )
    update chat.participants p set shown_xid = pg_current_xact_id()
    from locked where p.conversation_id = locked.conversation_id and p.account_id = ${accountId}`
}

/** A conversation in which the account participates. */
export async function findConversation(
  tx: Tx,
  accountId: AccountId,
): Promise<ConversationId | undefined> {
  const [row] = await tx<{ id: ConversationId }[]>`
    select conversation_id as id from chat.participants where account_id = ${accountId} limit 1`
  return row?.id
}

/** The number of conversations in which the account participates. */
export async function countConversations(tx: Tx, accountId: AccountId): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int from chat.participants where account_id = ${accountId}`
  return row?.count ?? 0
}

/** Removes all participants from a conversation. The caller holds its lock. */
export async function removeAll(tx: Tx, conversationId: ConversationId) {
  // In the order in which receipts are recorded, to prevent deadlocks.
  await tx`
    with locked as (
      select account_id from chat.participants where conversation_id = ${conversationId}
      order by account_id for update
    )
    delete from chat.participants p using locked
    where p.conversation_id = ${conversationId} and p.account_id = locked.account_id`
}

/**
 * Marks rows as changed now if they are marked as changed by a transaction that does not exist yet.
 */
export async function forgetFutureChanges(tx: Tx) {
  await tx`
    update chat.participants set
      changed_xid = least(changed_xid, pg_current_xact_id()),
      shown_xid = least(shown_xid, pg_current_xact_id())
    where changed_xid > pg_current_xact_id() or shown_xid > pg_current_xact_id()`
}
