-- A log-in that nobody has proven yet goes on beside the proven session of the same device id.
drop index sessions_live;
create unique index sessions_live on sessions (account_id, device_id, (proven_at is not null))
  where ended_at is null;
