-- An account has room for so many ended sessions; the oldest are looked for at each log-in.
create index sessions_ended_by_account on sessions (account_id, ended_at)
  where ended_at is not null;
