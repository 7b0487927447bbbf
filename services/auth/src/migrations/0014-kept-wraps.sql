-- The wraps of an account before they were changed: of each day the first, so what the day began with. The operator
-- puts them back, together with boxes and manifest; no client is ever given them.
create table kept_wraps (
  account_id uuid not null references accounts,
  -- In UTC, like all days.
  day date not null,
  version bigint not null,
  password text,
  recovery_code text,
  replaced_at timestamptz not null,
  primary key (account_id, day)
);
create index kept_wraps_replaced_at on kept_wraps (replaced_at);
