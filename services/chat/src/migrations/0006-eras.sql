-- The lines of history of this database; the last one is where it stands. A restored backup begins a
-- new one, so that devices know that the server may have lost what they have.
create table eras (
  id bigint generated always as identity primary key,
  era text not null,
  -- Where the database lay in this era. Elsewhere it is a copy: it was restored.
  home text not null,
  began_at timestamptz not null default now()
);
