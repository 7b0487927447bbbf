import type { Fragment, Tx } from '@sotto/service-runtime'
import type { AccountId, Conversation, ConversationId, Participant } from '@sotto/wire'
import type { Answer } from './participants.ts'

/**
 * A conversation with one participant's unread count, and with the true answers of all
 * participants.
 */
export interface ConversationView extends Omit<Conversation, 'participants'> {
  readonly participants: readonly (Participant & { readonly answer: Answer })[]
  /** When the latest envelope was accepted, or the conversation created. */
  readonly activeAt: number
}

/** A position in the list of an account's conversations, latest activity first. */
export interface Position {
  readonly activeAt: number
  readonly id: ConversationId
}

/** A conversation as `viewer` sees it; undefined unless `viewer` is a participant. */
export async function find(
  tx: Tx,
  viewer: AccountId,
  id: ConversationId,
): Promise<ConversationView | undefined> {
  const [view] = await select(tx, viewer, tx`and c.id = ${id}`)
  return view
}

/** A page of the account's conversations, latest activity first. */
export async function list(
  tx: Tx,
  viewer: AccountId,
  { after, limit }: { after: Position | undefined; limit: number },
): Promise<readonly ConversationView[]> {
  return select(tx, viewer, tx`${behind(tx, after)} ${firstBy(tx, limit)}`)
}

/** A page of the account's conversations that were changed by `sinceXid` or later. */
export async function listChanged(
  tx: Tx,
  viewer: AccountId,
  page: { sinceXid: string; after: Position | undefined; limit: number },
): Promise<readonly ConversationView[]> {
  const isChanged = tx`and (
    c.changed_xid >= ${page.sinceXid}::text::xid8
    or me.changed_xid >= ${page.sinceXid}::text::xid8
    or exists (
      select from chat.participants other
      where other.conversation_id = c.id and other.account_id <> me.account_id
        and other.shown_xid >= ${page.sinceXid}::text::xid8
    )
  )`
  return select(tx, viewer, tx`${isChanged} ${behind(tx, page.after)} ${firstBy(tx, page.limit)}`)
}

function behind(tx: Tx, position: Position | undefined): Fragment {
  if (!position) return tx``
  return tx`and (c.active_at, c.id) < (${position.activeAt}::bigint, ${position.id}::uuid)`
}

function firstBy(tx: Tx, limit: number): Fragment {
  return tx`order by c.active_at desc, c.id desc limit ${limit}`
}

// Unread envelopes are counted among the newest 1,000 after the read mark, so that a participant
// who wrote a great deal and read nothing does not turn each list into a scan of the log.
function select(tx: Tx, viewer: AccountId, which: Fragment) {
  return tx<ConversationView[]>`
    select c.id, c.protocol, c.created_by as "createdBy", c.created_at as "createdAt",
      c.last_seq as "lastSeq", c.active_at as "activeAt",
      (
        select json_agg(json_build_object(
          'accountId', p.account_id, 'role', p.role, 'state', p.state, 'answer', p.answer,
          'deliveredSeq', p.delivered_seq, 'readSeq', p.read_seq,
          'recordVersion', a.record_version
        ) order by p.account_id)
        from chat.participants p join chat.accounts a using (account_id)
        where p.conversation_id = c.id
      ) as participants,
      (
        select json_build_object(
          'id', e.id, 'conversationId', e.conversation_id, 'kind', e.kind,
          'ciphertext', e.ciphertext, 'seq', e.seq, 'senderAccountId', e.sender_account_id,
          'senderDeviceId', e.sender_device_id, 'acceptedAt', e.accepted_at
        )
        from chat.envelopes e where e.conversation_id = c.id and e.seq = c.last_seq
      ) as "lastEnvelope",
      (
        select least(count(*), 100) from (
          select e.sender_account_id from chat.envelopes e
          where e.conversation_id = c.id and e.seq > c.read_seq
          order by e.seq desc limit 1000
        ) newest where sender_account_id <> ${viewer}
      ) as unread
    from (
      select c.*, me.read_seq from chat.participants me
      join chat.conversations c on c.id = me.conversation_id
      where me.account_id = ${viewer} ${which}
    ) c
    order by c.active_at desc, c.id desc`
}
