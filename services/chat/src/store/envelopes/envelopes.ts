import type { Statement, Tx } from '@sotto/service-runtime'
import type {
  AccountId,
  ConversationId,
  DeviceId,
  EnvelopeId,
  ServerRow,
  StoredEnvelope,
} from '@sotto/wire'

/** An envelope that was already accepted. */
export interface KnownEnvelope {
  readonly conversationId: ConversationId
  readonly id: EnvelopeId
  readonly senderAccountId: AccountId
  readonly senderDeviceId: DeviceId
  readonly ciphertext: string
  readonly seq: number
  readonly acceptedAt: number
}

/** The named envelopes that are already in the log. */
export async function findKnown(
  tx: Tx,
  names: readonly { conversationId: ConversationId; id: EnvelopeId }[],
): Promise<readonly KnownEnvelope[]> {
  return tx<KnownEnvelope[]>`
    select conversation_id as "conversationId", id, sender_account_id as "senderAccountId",
      sender_device_id as "senderDeviceId", ciphertext, seq, accepted_at as "acceptedAt"
    from unnest(
      ${names.map(({ conversationId }) => conversationId)}::uuid[],
      ${names.map(({ id }) => id)}::uuid[]
    ) as names (conversation_id, id)
    join chat.envelopes using (conversation_id, id)`
}

/** An envelope's position in the log. No other envelope has all of these values in common. */
export type PlacedEnvelope = Pick<KnownEnvelope, 'conversationId' | 'id' | 'seq' | 'acceptedAt'>

/** How many of these envelopes are in their positions, or were removed with their conversation. */
export async function countPresent(tx: Tx, placed: readonly PlacedEnvelope[]): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int
    from unnest(
      ${placed.map(({ conversationId }) => conversationId)}::uuid[],
      ${placed.map(({ id }) => id)}::uuid[],
      ${placed.map(({ seq }) => seq)}::bigint[],
      ${placed.map(({ acceptedAt }) => acceptedAt)}::bigint[]
    ) as placed (conversation_id, id, seq, accepted_at)
    left join chat.envelopes e using (conversation_id, id, seq, accepted_at)
    where e.id is not null or exists (
      select from chat.removed where hash = sha256(convert_to(conversation_id::text, 'UTF8'))
    )`
  return row?.count ?? 0
}

/**
 * Builds the statement that appends envelopes to their logs, unsent. The caller holds the locks of
 * the conversations.
 */
export function append(tx: Tx, envelopes: readonly StoredEnvelope[]): Statement {
  return tx`
    insert into chat.envelopes (
      conversation_id, seq, id, sender_account_id, sender_device_id, accepted_at, kind, ciphertext
    )
    select * from unnest(
      ${envelopes.map(({ conversationId }) => conversationId)}::uuid[],
      ${envelopes.map(({ seq }) => seq)}::bigint[],
      ${envelopes.map(({ id }) => id)}::uuid[],
      ${envelopes.map(({ senderAccountId }) => senderAccountId)}::uuid[],
      ${envelopes.map(({ senderDeviceId }) => senderDeviceId)}::uuid[],
      ${envelopes.map(({ acceptedAt }) => acceptedAt)}::bigint[],
      ${envelopes.map(({ kind }) => kind)}::text[],
      ${envelopes.map(({ ciphertext }) => ciphertext)}::text[]
    )`
}

/** A part of a log, including both ends. */
export interface LogPart {
  readonly conversationId: ConversationId
  readonly firstSeq: number
  readonly lastSeq: number
}

/** The envelopes of several parts, ordered by log. */
export async function readParts(
  tx: Tx,
  parts: readonly LogPart[],
): Promise<readonly StoredEnvelope[]> {
  return tx<StoredEnvelope[]>`
    select e.conversation_id as "conversationId", e.seq, e.id, e.kind, e.ciphertext,
      e.sender_account_id as "senderAccountId", e.sender_device_id as "senderDeviceId",
      e.accepted_at as "acceptedAt"
    from unnest(
      ${parts.map(({ conversationId }) => conversationId)}::uuid[],
      ${parts.map(({ firstSeq }) => firstSeq)}::bigint[],
      ${parts.map(({ lastSeq }) => lastSeq)}::bigint[]
    ) as parts (conversation_id, first_seq, last_seq)
    join chat.envelopes e
      on e.conversation_id = parts.conversation_id and e.seq between first_seq and last_seq
    order by e.conversation_id, e.seq`
}

/** A range of a log: up to `limit` envelopes before or after a seq, nearest first. */
export type LogRange =
  | { readonly after: number; readonly limit: number }
  | { readonly before: number; readonly limit: number }

/** A range of a log, unordered; undefined if `reader` is not a participant. */
export async function read(
  tx: Tx,
  reader: AccountId,
  conversationId: ConversationId,
  range: LogRange,
): Promise<readonly StoredEnvelope[] | undefined> {
  const part =
    'after' in range
      ? tx`and e.seq > ${range.after} order by e.seq`
      : tx`and e.seq < ${range.before} order by e.seq desc`
  const rows = await tx<(StoredEnvelope | { id: null })[]>`
    select e.conversation_id as "conversationId", e.seq, e.id, e.kind, e.ciphertext,
      e.sender_account_id as "senderAccountId", e.sender_device_id as "senderDeviceId",
      e.accepted_at as "acceptedAt"
    from chat.participants p
    left join lateral (
      select * from chat.envelopes e
      where e.conversation_id = p.conversation_id ${part} limit ${range.limit}
    ) e on true
    where p.conversation_id = ${conversationId} and p.account_id = ${reader}`
  if (rows.length === 0) return undefined
  return rows.filter((row): row is StoredEnvelope => row.id !== null)
}

/** A raw row; null if there is none, undefined if `reader` is not a participant. */
export async function findRow(
  tx: Tx,
  reader: AccountId,
  conversationId: ConversationId,
  seq: number,
): Promise<ServerRow['columns'] | null | undefined> {
  const [found] = await tx<{ columns: ServerRow['columns'] | null }[]>`
    select case when e.id is not null then to_json(e) end as columns
    from chat.participants p
    left join chat.envelopes e on e.conversation_id = p.conversation_id and e.seq = ${seq}
    where p.conversation_id = ${conversationId} and p.account_id = ${reader}`
  return found?.columns
}
