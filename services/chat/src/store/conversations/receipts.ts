import type { Tx } from '@sotto/service-runtime'
import type { AccountId, ConversationId, DeviceId } from '@sotto/wire'

/** How far a participant has received and read a conversation. */
export interface Marks {
  readonly conversationId: ConversationId
  readonly accountId: AccountId
  readonly deliveredSeq: number
  readonly readSeq: number
}

/** The same, as reported by one of the participant's devices. */
export interface SentMarks extends Marks {
  readonly deviceId: DeviceId
}

/**
 * Raises marks, never beyond the end of the log, and returns those that increased. Omits marks of
 * non-participants, of revoked devices, and of participants who block the other one: those would
 * reveal that someone is reading without answering.
 */
export async function raise(tx: Tx, marks: readonly SentMarks[]): Promise<readonly Marks[]> {
  return tx<Marks[]>`
    with locked as (
      select p.conversation_id, p.account_id,
        least(m.delivered_seq, c.last_seq) as delivered_seq,
        least(m.read_seq, c.last_seq) as read_seq
      from (
        select conversation_id, account_id,
          max(delivered_seq) as delivered_seq, max(read_seq) as read_seq
        from unnest(
          ${marks.map(({ conversationId }) => conversationId)}::uuid[],
          ${marks.map(({ accountId }) => accountId)}::uuid[],
          ${marks.map(({ deviceId }) => deviceId)}::uuid[],
          ${marks.map(({ deliveredSeq }) => deliveredSeq)}::bigint[],
          ${marks.map(({ readSeq }) => readSeq)}::bigint[]
        ) as sent (conversation_id, account_id, device_id, delivered_seq, read_seq)
        where not exists (
          select from chat.devices d
          where d.account_id = sent.account_id and d.device_id = sent.device_id
            and d.revoked_at is not null
        )
        group by conversation_id, account_id
      ) m
      join chat.participants p using (conversation_id, account_id)
      join chat.conversations c on c.id = m.conversation_id
      where not p.is_blocking
      order by p.conversation_id, p.account_id for update of p
    )
    update chat.participants p set
      delivered_seq = greatest(p.delivered_seq, l.delivered_seq),
      read_seq = greatest(p.read_seq, l.read_seq),
      changed_xid = pg_current_xact_id(),
      -- Participants who were not accepted see no receipts, and not that there would be any.
      shown_xid = case when p.state = 'accepted' then pg_current_xact_id() else p.shown_xid end
    from locked l
    where p.conversation_id = l.conversation_id and p.account_id = l.account_id
      and (p.delivered_seq < l.delivered_seq or p.read_seq < l.read_seq)
    returning p.conversation_id as "conversationId", p.account_id as "accountId",
      p.delivered_seq as "deliveredSeq", p.read_seq as "readSeq"`
}
