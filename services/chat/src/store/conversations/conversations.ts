import type { Fragment, Statement, Tx } from '@sotto/service-runtime'
import type { AccountId, ConversationId, Protocol } from '@sotto/wire'
import { serverName } from '../eras/eras.ts'

/** A conversation whose row is locked: no other transaction can extend its log. */
export interface LockedConversation {
  readonly id: ConversationId
  readonly lastSeq: number
  /** Whether all of it is included in its senders' usage, so that new envelopes can be counted. */
  readonly isCounted: boolean
}

/**
 * Locks conversations in the order of their ids. Omits missing ones. Each row names the server, so
 * that a batch learns it without another statement.
 */
export async function lock(
  tx: Tx,
  ids: readonly ConversationId[],
): Promise<readonly (LockedConversation & { readonly server: string })[]> {
  // A Postgres sequence assigns numbers before commit: a reader could see 8, move its cursor, and
  // never see 7. Counting in this locked row makes the order of numbers the order of commits.
  // Locking in id order prevents deadlocks between two batches.
  return tx<(LockedConversation & { server: string })[]>`
    select id, last_seq as "lastSeq", counted_seq is not distinct from last_seq as "isCounted",
      ${serverName(tx)} as server
    from chat.conversations
    where id = any(${ids}::uuid[])
    order by id for update`
}

/** The end of a conversation's log after a batch. */
export interface Advance {
  readonly id: ConversationId
  readonly lastSeq: number
}

/**
 * Builds the statement that advances the ends of logs and their counted parts, unsent. `counting`
 * adds to the senders' usage in the same statement. The caller holds the locks.
 */
export function advance(
  tx: Tx,
  advances: readonly Advance[],
  activeAt: number,
  counting: Fragment,
): Statement {
  return tx`
    with counting as (${counting})
    update chat.conversations c set
      last_seq = a.last_seq,
      counted_seq = case when c.counted_seq = c.last_seq then a.last_seq else c.counted_seq end,
      active_at = greatest(c.active_at, ${activeAt}),
      changed_xid = pg_current_xact_id()
    from unnest(
      ${advances.map(({ id }) => id)}::uuid[],
      ${advances.map(({ lastSeq }) => lastSeq)}::bigint[]
    ) as a (id, last_seq)
    where c.id = a.id`
}

/** The initial data of a conversation. */
export interface Origin {
  readonly id: ConversationId
  readonly protocol: Protocol
  readonly createdBy: AccountId
}

/** Adds a conversation. Returns false if its id is taken. */
export async function add(tx: Tx, origin: Origin, createdAt: number): Promise<boolean> {
  const { id, protocol, createdBy } = origin
  const rows = await tx`
    insert into chat.conversations
      (id, protocol, created_by, created_at, active_at, counted_seq)
    values (${id}, ${protocol}, ${createdBy}, ${createdAt}, ${createdAt}, 0)
    on conflict do nothing returning id`
  return rows.length === 1
}

export async function findOrigin(tx: Tx, id: ConversationId): Promise<Origin | undefined> {
  const [row] = await tx<Origin[]>`
    select id, protocol, created_by as "createdBy" from chat.conversations where id = ${id}`
  return row
}

/**
 * The conversation of exactly two accounts in a protocol. Older databases may contain several;
 * returns the first.
 */
export async function findOfPair(
  tx: Tx,
  [one, other]: readonly [AccountId, AccountId],
  protocol: Protocol,
): Promise<ConversationId | undefined> {
  const [row] = await tx<{ id: ConversationId }[]>`
    select c.id from chat.participants a
    join chat.participants b using (conversation_id)
    join chat.conversations c on c.id = conversation_id
    where a.account_id = ${one} and b.account_id = ${other} and c.protocol = ${protocol}
      and not exists (
        select from chat.participants third
        where third.conversation_id = c.id and third.account_id not in (${one}, ${other})
      )
    order by c.created_at, c.id limit 1`
  return row?.id
}

/**
 * Marks rows as changed now if they are marked as changed by a transaction that does not exist yet.
 */
export async function forgetFutureChanges(tx: Tx) {
  await tx`
    update chat.conversations set changed_xid = pg_current_xact_id()
    where changed_xid > pg_current_xact_id()`
}
