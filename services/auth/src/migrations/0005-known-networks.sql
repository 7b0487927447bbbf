-- From where an account has logged in lately. The network is in a hash with a key that is not in the database,
-- made of the address of the account too: it is found by who asks from there, and by nobody else.
create table known_networks (
  network text primary key,
  account_id uuid not null references accounts on delete cascade,
  expires_at timestamptz not null
);
create index known_networks_account_id on known_networks (account_id);
create index known_networks_expires_at on known_networks (expires_at);
-- challenges.known_device is written by the version before, and read by none any more: the next one drops it.
