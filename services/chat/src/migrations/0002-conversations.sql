-- Conversations, who is in them, and their logs.
--
-- `…_xid` holds the transaction that last changed a row: what a device has missed is what was changed
-- by a transaction that was not finished when the device last asked. None of these columns is
-- indexed, and the tables have free room in each page, so that an update writes no index entry.

create table conversations (
  id uuid primary key,
  protocol text not null check (protocol in ('mls', 'ecdh', 'rsa')),
  created_by uuid not null,
  created_at bigint not null,
  -- Counted here, under the lock of the row: the order of numbers is the order of commits.
  last_seq bigint not null default 0,
  -- When the latest envelope was accepted, or the creation. Only grows.
  active_at bigint not null,
  changed_xid xid8 not null default pg_current_xact_id()
) with (fillfactor = 60);

create table participants (
  conversation_id uuid not null references conversations,
  account_id uuid not null,
  -- What the participant answered to the contact request, …
  answer text not null check (answer in ('requested', 'accepted', 'declined')),
  -- … unless it has blocked the other one. Follows the table `blocks`, in the same transaction.
  is_blocking boolean not null default false,
  state text not null
    generated always as (case when is_blocking then 'blocked' else answer end) stored,
  delivered_seq bigint not null default 0,
  read_seq bigint not null default 0,
  -- Any change of the row, for the participant's own devices, …
  changed_xid xid8 not null default pg_current_xact_id(),
  -- … and a change of what others may see of it: a declined request must look like a waiting one.
  shown_xid xid8 not null default pg_current_xact_id(),
  primary key (conversation_id, account_id)
) with (fillfactor = 60);
create index participants_by_account on participants (account_id, conversation_id);

-- Each key starts with the conversation, so that the table can be partitioned by it, and so that
-- the entries of a live conversation lie side by side however large the table grows. An envelope's
-- id is therefore unique in its conversation, not beyond.
--
-- No foreign key: a row is only written under the lock of its conversation, and the check would cost
-- each envelope a query.
create table envelopes (
  conversation_id uuid not null,
  seq bigint not null,
  id uuid not null,
  sender_account_id uuid not null,
  sender_device_id uuid not null,
  accepted_at bigint not null,
  kind text not null,
  ciphertext text not null,
  primary key (conversation_id, seq),
  unique (conversation_id, id)
);

-- Ciphertext does not compress.
alter table envelopes alter column ciphertext set storage external;
