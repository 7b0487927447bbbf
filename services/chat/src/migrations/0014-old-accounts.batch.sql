-- Accounts from before are not new here.
with batch as (
  select a.account_id from usage_counted place, accounts a
  where a.account_id > place.account_id order by a.account_id limit 5000
), added as (
  insert into account_usage (account_id) select account_id from batch on conflict do nothing
), moved as (
  update usage_counted set account_id = last.account_id
  from (select account_id from batch order by account_id desc limit 1) last
)
select count(*)::int as carried from batch
