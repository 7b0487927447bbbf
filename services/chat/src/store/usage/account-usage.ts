import type { Fragment, Statement, Tx } from '@sotto/service-runtime'
import type { AccountId, ConversationId } from '@sotto/wire'

/** The size of an envelope besides its ciphertext: its row, and its entries in two indexes. */
export const ENVELOPE_BYTES = 256
/** The size of a conversation: its row, two participants, and their index entries. */
export const CONVERSATION_BYTES = 1024

/** The usage of an account. */
export interface StoredUsage {
  /** The size of the envelopes that it sent and the conversations that it started. */
  readonly bytes: number
  readonly conversations: number
  /** The hour in which it last sent an envelope, counted from 1970, … */
  readonly hour: number
  /** … and the bytes of that hour. */
  readonly hourBytes: number
  /** When it first published, in milliseconds; 0 if unknown. */
  readonly since: number
  /** The operator's limit for this account in place of the default quota. */
  readonly allowedBytes: number | null
}

/** The operator's limits for one account in place of the defaults; null means the default. */
export interface OwnQuotas {
  readonly allowedConversations: number | null
  readonly allowedDevices: number | null
}

export const hourOf = (now: number): number => Math.floor(now / 3_600_000)

/** Undefined for an account that has published nothing. */
export async function find(
  tx: Tx,
  accountId: AccountId,
): Promise<(StoredUsage & OwnQuotas) | undefined> {
  const [row] = await tx<(StoredUsage & OwnQuotas)[]>`
    select bytes, conversations, hour, hour_bytes as "hourBytes", since,
      allowed_bytes as "allowedBytes", allowed_conversations as "allowedConversations",
      allowed_devices as "allowedDevices"
    from chat.account_usage where account_id = ${accountId}`
  return row
}

/** Builds the statement that creates usage rows for accounts without one, unsent. */
export function begin(tx: Tx, accountIds: readonly AccountId[], now: number): Statement {
  return tx`
    insert into chat.account_usage (account_id, since)
    select account_id, ${now}::bigint from unnest(${accountIds}::uuid[]) as new (account_id)
    order by account_id
    on conflict do nothing`
}

/**
 * Counts what accounts send, as part of another statement, because a separate one would slow down
 * every message. The caller holds the locks of the conversations and has made sure that each
 * account has a row.
 */
export function addSent(tx: Tx, sent: ReadonlyMap<AccountId, number>, now: number): Fragment {
  // Each account once and ordered by id, to prevent deadlocks between two batches.
  const ids = [...sent.keys()].sort()
  return tx`
    update chat.account_usage u set
      bytes = u.bytes + sent.bytes,
      hour = sent.hour,
      hour_bytes = sent.bytes + case when u.hour = sent.hour then u.hour_bytes else 0 end
    from (
      select account_id, bytes, ${hourOf(now)}::bigint as hour
      from unnest(
        ${ids}::uuid[], ${ids.map((id) => sent.get(id) ?? 0)}::bigint[]
      ) as sent (account_id, bytes)
    ) as sent
    where u.account_id = sent.account_id`
}

/** Counts a conversation that the account starts. */
export async function addConversation(tx: Tx, accountId: AccountId, now: number) {
  await tx`
    insert into chat.account_usage as u (account_id, bytes, conversations, since)
    values (${accountId}, ${CONVERSATION_BYTES}, 1, ${now})
    on conflict (account_id) do update set
      bytes = u.bytes + excluded.bytes, conversations = u.conversations + 1`
}

/** A page of conversations, ordered by id. */
export interface Page {
  /** The last one; null after the end. */
  readonly last: ConversationId | null
  /** Conversations that are not completely counted. */
  readonly uncounted: readonly ConversationId[]
}

/** Finds data that an instance of a version without counters has left uncounted. */
export async function findUncounted(
  tx: Tx,
  { after, limit }: { after: ConversationId; limit: number },
): Promise<Page> {
  const [page] = await tx<Page[]>`
    with page as (
      select id, counted_seq, last_seq from chat.conversations
      where id > ${after} order by id limit ${limit}
    )
    select
      (select id from page order by id desc limit 1) as last,
      array(select id from page where counted_seq is distinct from last_seq) as uncounted`
  return page ?? { last: null, uncounted: [] }
}

const COUNTED_AT_ONCE = 5_000

/**
 * Counts the next part of a conversation for its senders, and the conversation for its creator.
 * Returns true if there is more. The caller holds the lock of the conversation, taken in an earlier
 * statement.
 */
export async function countMore(tx: Tx, id: ConversationId): Promise<boolean> {
  const rows = await tx<{ isMore: boolean }[]>`
    with next as (
      select id, created_by, counted_seq, last_seq,
        least(last_seq, coalesce(counted_seq, 0) + ${COUNTED_AT_ONCE}) as until
      from chat.conversations where id = ${id} and counted_seq is distinct from last_seq
    ), advanced as (
      update chat.conversations c set counted_seq = next.until from next
      where c.id = next.id and c.counted_seq is not distinct from next.counted_seq
      returning c.id, next.created_by, next.counted_seq, next.last_seq, next.until
    ), found as (
      select e.sender_account_id as account_id,
        octet_length(e.ciphertext) + ${ENVELOPE_BYTES} as bytes, 0 as conversations
      from advanced a join chat.envelopes e
        on e.conversation_id = a.id and e.seq > coalesce(a.counted_seq, 0) and e.seq <= a.until
      union all
      select created_by, ${CONVERSATION_BYTES}, 1 from advanced where counted_seq is null
    ), counted as (
      insert into chat.account_usage as u (account_id, bytes, conversations)
      select account_id, sum(bytes)::bigint, sum(conversations)::int from found
      group by account_id order by account_id
      on conflict (account_id) do update set
        bytes = u.bytes + excluded.bytes, conversations = u.conversations + excluded.conversations
    )
    select until < last_seq as "isMore" from advanced`
  return rows[0]?.isMore ?? false
}

/** Blocks concurrent counting for the senders of the first envelopes of a conversation. */
export async function lockSenders(tx: Tx, id: ConversationId, envelopes: number) {
  // In the order in which batches count accounts, to prevent deadlocks.
  await tx`
    select from chat.account_usage where account_id in (
      select sender_account_id from (
        select sender_account_id from chat.envelopes where conversation_id = ${id}
        order by seq limit ${envelopes}
      ) part
    ) order by account_id for update`
}

export async function remove(tx: Tx, accountId: AccountId) {
  await tx`delete from chat.account_usage where account_id = ${accountId}`
}

/** The usage of all accounts, and how many are near or over their quota. */
export interface TotalUsage {
  readonly bytes: number
  readonly near: number
  readonly over: number
}

/** Reads the row of every account, so do not call it for every request. */
export async function sumUp(
  tx: Tx,
  {
    bytes,
    youngBytes,
    youngAfter,
    nearShare,
  }: { bytes: number; youngBytes: number; youngAfter: number; nearShare: number },
): Promise<TotalUsage> {
  const [row] = await tx<TotalUsage[]>`
    select coalesce(sum(bytes), 0)::bigint as bytes,
      count(*) filter (where bytes >= allowed * ${nearShare}::float8 and bytes < allowed) as near,
      count(*) filter (where bytes >= allowed) as over
    from (
      select bytes, coalesce(allowed_bytes,
        case when since > ${youngAfter} then ${youngBytes}::bigint else ${bytes}::bigint end) as allowed
      from chat.account_usage
    ) accounts`
  return row ?? { bytes: 0, near: 0, over: 0 }
}
