import type { Tx } from '@sotto/service-runtime'
import type { AccountId, ConversationId } from '@sotto/wire'

/** How far a participant has got in a conversation. */
export interface Marks {
  readonly conversationId: ConversationId
  readonly accountId: AccountId
  readonly deliveredSeq: number
  readonly readSeq: number
}

/**
 * Raises marks, never beyond the end of the log, and returns those that grew. One pair of conversation
 * and account may occur only once; what is not a participant is left out.
 */
export async function raise(tx: Tx, marks: readonly Marks[]): Promise<readonly Marks[]> {
  return tx<Marks[]>`
    with locked as (
      select p.conversation_id, p.account_id,
        least(m.delivered_seq, c.last_seq) as delivered_seq,
        least(m.read_seq, c.last_seq) as read_seq
      from unnest(
        ${marks.map(({ conversationId }) => conversationId)}::uuid[],
        ${marks.map(({ accountId }) => accountId)}::uuid[],
        ${marks.map(({ deliveredSeq }) => deliveredSeq)}::bigint[],
        ${marks.map(({ readSeq }) => readSeq)}::bigint[]
      ) as m (conversation_id, account_id, delivered_seq, read_seq)
      join chat.participants p using (conversation_id, account_id)
      join chat.conversations c on c.id = m.conversation_id
      order by p.conversation_id, p.account_id for update of p
    )
    update chat.participants p set
      delivered_seq = greatest(p.delivered_seq, l.delivered_seq),
      read_seq = greatest(p.read_seq, l.read_seq),
      changed_xid = pg_current_xact_id(),
      -- Who was not accepted sees no receipts, and not that there would be any.
      shown_xid = case when p.state = 'accepted' then pg_current_xact_id() else p.shown_xid end
    from locked l
    where p.conversation_id = l.conversation_id and p.account_id = l.account_id
      and (p.delivered_seq < l.delivered_seq or p.read_seq < l.read_seq)
    returning p.conversation_id as "conversationId", p.account_id as "accountId",
      p.delivered_seq as "deliveredSeq", p.read_seq as "readSeq"`
}
