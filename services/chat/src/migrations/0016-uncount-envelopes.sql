-- Whoever removes rows, by whatever statement on these tables, removes them from the usage.
create function uncount_envelopes() returns trigger language plpgsql set search_path from current as $$
begin
  -- Whoever counts holds the conversation, too: what is removed was either counted by now or never will be.
  perform from conversations where id in (select conversation_id from removed)
  order by id for update;
  update account_usage u set bytes = u.bytes - gone.bytes
  from (
    select r.sender_account_id as account_id, sum(octet_length(r.ciphertext) + 256)::bigint as bytes
    from removed r left join conversations c on c.id = r.conversation_id
    where c.id is null or r.seq <= c.counted_seq
    group by r.sender_account_id
  ) gone
  where u.account_id = gone.account_id;
  return null;
end $$;
create trigger uncount_envelopes after delete on envelopes
  referencing old table as removed for each statement execute function uncount_envelopes();
