-- What a box or the manifest of an account was before it was replaced: of each day the first, so what the day began
-- with. The operator puts it back for an owner whose boxes somebody has written over.
create table kept_keys (
  account_id uuid not null,
  kind text not null check (kind in ('keys', 'contacts', 'manifest')),
  -- In UTC, like all days.
  day date not null,
  version bigint not null,
  content text not null,
  replaced_at bigint not null,
  primary key (account_id, kind, day)
);
create index kept_keys_replaced_at on kept_keys (replaced_at);

-- Ciphertext cannot be compressed.
alter table kept_keys alter column content set storage external;
