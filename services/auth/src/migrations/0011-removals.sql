-- Accounts that the operator removes. The chat service removes what it has of them, then this service the rest,
-- this row with it: whatever ends in between, the row says that there is more to do.
create table removals (
  account_id uuid primary key references accounts,
  asked_at timestamptz not null
);
