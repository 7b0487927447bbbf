-- Everything is of one snapshot: which envelopes there are, and how far the log reached then. What comes in the
-- meantime lies behind `counted_seq` and is counted later. Nobody counts a part that somebody else counted:
-- `counted_seq` moves only from where the snapshot saw it.
with next as (
  select c.id, c.created_by, c.counted_seq, c.last_seq,
    least(c.last_seq, coalesce(c.counted_seq, 0) + 5000) as until
  from usage_counted place, conversations c
  where c.id > place.conversation_id order by c.id limit 500
), part as (
  select id, created_by, counted_seq, last_seq, until from (
    select *, sum(until - coalesce(counted_seq, 0)) over (order by id)
      - (until - coalesce(counted_seq, 0)) as before
    from next
  ) ranked where before < 5000
), advanced as (
  update conversations c set counted_seq = part.until from part
  where c.id = part.id and c.counted_seq is not distinct from part.counted_seq
  returning c.id, part.created_by, part.counted_seq, part.until
), found as (
  select e.sender_account_id as account_id, octet_length(e.ciphertext) + 256 as bytes, 0 as conversations
  from advanced a join envelopes e
    on e.conversation_id = a.id and e.seq > coalesce(a.counted_seq, 0) and e.seq <= a.until
  union all
  select created_by, 1024, 1 from advanced where counted_seq is null
), counted as (
  insert into account_usage as u (account_id, bytes, conversations)
  select account_id, sum(bytes)::bigint, sum(conversations)::int from found
  group by account_id order by account_id
  on conflict (account_id) do update set
    bytes = u.bytes + excluded.bytes, conversations = u.conversations + excluded.conversations
), moved as (
  update usage_counted set conversation_id = last.id
  from (select id from part where until = last_seq order by id desc limit 1) last
)
select count(*)::int as carried from part
