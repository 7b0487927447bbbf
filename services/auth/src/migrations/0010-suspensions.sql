-- Since when nobody may log in with the account. Its sessions ended at that moment.
alter table accounts add column suspended_at timestamptz;
