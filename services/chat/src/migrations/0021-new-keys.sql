-- New keys that somebody with a log-in has asked for, while the devices of the account may stop them.
create table new_keys (
  account_id uuid not null,
  identity_key text not null,
  asked_at bigint not null,
  due_at bigint not null,
  stopped_at bigint,
  primary key (account_id, identity_key)
);
