-- What accounts publish about themselves, and what they keep here sealed.

create table accounts (
  account_id uuid primary key,
  -- The signed account record as it was published, and what the server itself reads from it.
  record text not null,
  record_version bigint not null,
  name text not null,
  -- The name in the form in which names are searched; collation "C" makes a prefix a range.
  search_name text collate "C" not null,
  picture bytea,
  published_at bigint not null
);
create index accounts_by_name on accounts (search_name, account_id);

-- Former records: their keys still open old messages.
create table past_records (
  account_id uuid not null references accounts,
  version bigint not null,
  record text not null,
  primary key (account_id, version)
);

-- Devices choose their ids themselves, so an id means something only together with its account.
create table devices (
  account_id uuid not null,
  device_id uuid not null,
  credential text not null,
  enrolled_at bigint not null,
  revoked_at bigint,
  primary key (account_id, device_id)
);

create table boxes (
  account_id uuid not null,
  name text not null,
  version bigint not null,
  ciphertext text not null,
  primary key (account_id, name)
);

create table blocks (
  account_id uuid not null,
  blocked_id uuid not null,
  blocked_at bigint not null,
  primary key (account_id, blocked_id)
);

-- Pictures are compressed already and ciphertext cannot be: trying costs time and gains nothing.
alter table accounts alter column picture set storage external;
alter table boxes alter column ciphertext set storage external;
