-- What the trigger has copied already is left alone.
with batch as (
  select e.* from envelopes_carried c, envelopes e
  where (e.conversation_id, e.seq) > (c.conversation_id, c.seq)
  order by e.conversation_id, e.seq limit 5000
), carried as (
  insert into envelopes_by_hash select * from batch on conflict do nothing
), moved as (
  update envelopes_carried c set conversation_id = last.conversation_id, seq = last.seq
  from (select conversation_id, seq from batch order by conversation_id desc, seq desc limit 1) last
)
select count(*)::int as carried from batch
