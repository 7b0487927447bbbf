-- A code is made when it is sent, and a request that is answered before has none yet.
alter table challenges alter column code_hash drop not null;
-- When the code went out: a job that comes again sends no second one.
alter table challenges add column sent_at timestamptz;
