-- Events that were committed with what they tell of and that the broker has not taken yet.
create table event_outbox (
  id bigint generated always as identity primary key,
  event text not null,
  added_at timestamptz not null default now()
);
