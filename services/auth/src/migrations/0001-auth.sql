-- A person's registration. Made when a phone number or an e-mail address is proven, never before.
create table accounts (
  id uuid primary key,
  -- E.164
  phone text unique,
  -- In lower case.
  email text unique,
  findable boolean not null default true,
  created_at timestamptz not null,
  check (phone is not null or email is not null)
);

-- OPAQUE records (RFC 9807). `version` grows with each new password.
create table passwords (
  account_id uuid primary key references accounts,
  record text not null,
  version integer not null default 1,
  changed_at timestamptz not null
);

-- The root secret of an account, encrypted; only devices can open it.
create table wraps (
  account_id uuid not null references accounts,
  kind text not null check (kind in ('password', 'recovery_code')),
  ciphertext text not null,
  primary key (account_id, kind)
);

-- One-time codes on their way. Nothing refers to an account: there may be none.
create table challenges (
  id uuid primary key,
  channel text not null check (channel in ('phone', 'email')),
  address text not null,
  code_hash bytea not null,
  tries integer not null default 0,
  expires_at timestamptz not null
);
create index challenges_expires_at on challenges (expires_at);

-- Proven e-mail addresses whose password may be set. `account_id` may be of an account to come.
create table tickets (
  hash bytea primary key,
  email text not null,
  account_id uuid not null,
  expires_at timestamptz not null
);
create index tickets_expires_at on tickets (expires_at);

-- Log-ins by password between their two requests. No foreign key: checking one would take longer for
-- addresses that have an account.
create table login_attempts (
  id uuid primary key,
  account_id uuid,
  password_version integer,
  server_state text not null,
  expires_at timestamptz not null
);
create index login_attempts_expires_at on login_attempts (expires_at);

create table sessions (
  id uuid primary key,
  account_id uuid not null references accounts,
  device_id uuid not null,
  device_name text not null,
  -- Where this device wants its refresh tokens.
  refresh_in text not null check (refresh_in in ('cookie', 'body')),
  started_at timestamptz not null,
  last_used_at timestamptz not null,
  ended_at timestamptz
);
create unique index sessions_live on sessions (account_id, device_id) where ended_at is null;
create index sessions_ended_at on sessions (ended_at) where ended_at is not null;
create index sessions_last_used_at on sessions (last_used_at) where ended_at is null;

-- All refresh tokens of a session; the used ones are kept to recognise a stolen one.
create table refresh_tokens (
  hash bytea primary key,
  session_id uuid not null references sessions on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz,
  -- Makes the next token out of this one.
  successor_nonce bytea
);
create index refresh_tokens_session_id on refresh_tokens (session_id);
create index refresh_tokens_used_at on refresh_tokens (used_at) where used_at is not null;
