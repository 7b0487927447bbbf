import type { Fragment, Statement, Tx } from '@sotto/service-runtime'
import type { AccountId, ConversationId, Protocol } from '@sotto/wire'
import { serverName } from '../eras/eras.ts'

/** A conversation whose row is locked: its log grows by nobody else until the transaction ends. */
export interface LockedConversation {
  readonly id: ConversationId
  readonly lastSeq: number
  /** Whether everything in it is in the usage of its senders, so that what comes next can be counted. */
  readonly isCounted: boolean
}

/**
 * Locks conversations in the order of their ids. Missing ones are left out. Each row names the
 * server, so that a batch knows it without another statement.
 */
export async function lock(
  tx: Tx,
  ids: readonly ConversationId[],
): Promise<readonly (LockedConversation & { readonly server: string })[]> {
  // A Postgres sequence hands out numbers before commit: a reader could see 8, move its cursor, and
  // never see 7. Counting in this locked row makes the order of numbers the order of commits.
  // Locking in id order keeps two batches from waiting for each other.
  return tx<(LockedConversation & { server: string })[]>`
    select id, last_seq as "lastSeq", counted_seq is not distinct from last_seq as "isCounted",
      ${serverName(tx)} as server
    from chat.conversations
    where id = any(${ids}::uuid[])
    order by id for update`
}

/** How far a conversation's log reaches after a batch. */
export interface Advance {
  readonly id: ConversationId
  readonly lastSeq: number
}

/**
 * Advances the ends of logs and their counted parts, unsent. `counting` adds to the senders' usage in the same
 * statement. The caller holds the locks.
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

/** What a conversation was created with. */
export interface Origin {
  readonly id: ConversationId
  readonly protocol: Protocol
  readonly createdBy: AccountId
}

/** Adds a conversation. False when its id is taken. */
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

/** The conversation that two accounts have in a protocol. Older databases may hold several: the first. */
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
    order by c.created_at, c.id limit 1`
  return row?.id
}

/** Takes for changed now what is marked as changed by a transaction that does not exist yet. */
export async function forgetFutureChanges(tx: Tx) {
  await tx`
    update chat.conversations set changed_xid = pg_current_xact_id()
    where changed_xid > pg_current_xact_id()`
}
