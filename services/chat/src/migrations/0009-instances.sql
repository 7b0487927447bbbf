-- Instances of the chat service that run. Each remembers what it acknowledged last, and has seen that
-- nothing of it is missing in the database of `home`.
create table instances (
  id uuid primary key,
  home text not null,
  seen_at timestamptz not null default now()
);
