create function uncount_conversations() returns trigger language plpgsql set search_path from current as $$
begin
  update account_usage u set
    conversations = u.conversations - gone.count, bytes = u.bytes - 1024 * gone.count
  from (
    select created_by as account_id, count(*)::int as count from removed
    where counted_seq is not null group by created_by
  ) gone
  where u.account_id = gone.account_id;
  return null;
end $$;
create trigger uncount_conversations after delete on conversations
  referencing old table as removed for each statement execute function uncount_conversations();

drop table usage_counted;
