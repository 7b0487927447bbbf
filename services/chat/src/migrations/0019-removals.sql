-- Accounts and conversations that were removed, by the SHA-256 of their ids: a request that was under way makes
-- none of it again, and what an instance remembers of them is not missing. Nobody finds an id by its hash.
create table removed (
  hash bytea primary key,
  removed_at timestamptz not null
);
create index removed_at on removed (removed_at);

-- Conversations whose log is being removed, a part at a time. Nobody is in them any more.
create table conversations_to_remove (
  conversation_id uuid primary key,
  -- On whose account.
  account_id uuid not null
);
create index conversations_to_remove_account on conversations_to_remove (account_id);
