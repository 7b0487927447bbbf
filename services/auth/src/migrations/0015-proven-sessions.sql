-- When the device of a session showed that it belongs to the account. A code alone makes a session, too; devices
-- that are logged in show it when they are asked.
alter table sessions add column proven_at timestamptz;
