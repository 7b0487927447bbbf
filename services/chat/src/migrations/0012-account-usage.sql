-- What each account has stored here. A row is changed in the transaction of what it counts, so it is exact
-- after a crash. See ADR 18.
create table account_usage (
  account_id uuid primary key,
  -- Of the envelopes that it sent and the conversations that it began, each with the room of its row and
  -- index entries: 256 and 1024 bytes.
  bytes bigint not null default 0,
  conversations integer not null default 0,
  -- The hour in which it last sent an envelope, counted from 1970, and the bytes of that hour.
  hour bigint not null default 0,
  hour_bytes bigint not null default 0,
  -- When it published for the first time, in milliseconds; 0 for accounts from before this table.
  since bigint not null default 0,
  -- What the operator allows this account instead of the quota of all.
  allowed_bytes bigint
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);

-- Up to where accounts and conversations from before have been counted.
create table usage_counted (account_id uuid not null, conversation_id uuid not null);
insert into usage_counted
  values ('00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000');
