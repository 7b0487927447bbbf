-- The logs in 16 parts, by the hash of their conversation: vacuum, index builds and a restore work on
-- one part at a time, and a part can move to another disk or server. See ADR 9.
--
-- This file and the two after it bring the rows over while the service runs: from here on what is
-- written to the old table is written to the new one too (0003), what was there before is carried
-- over in batches (0004), then the new one takes the name of the old one (0005).
create table envelopes_by_hash (like envelopes including storage) partition by hash (conversation_id);
do $$
begin
  for part in 0..15 loop
    execute format(
      'create table envelopes_%s partition of envelopes_by_hash
        for values with (modulus 16, remainder %s)',
      lpad(part::text, 2, '0'), part
    );
  end loop;
end $$;
alter table envelopes_by_hash add primary key (conversation_id, seq);
alter table envelopes_by_hash add unique (conversation_id, id);

create function copy_envelope() returns trigger language plpgsql as $$
begin
  execute format('insert into %I.envelopes_by_hash select ($1).*', tg_table_schema) using new;
  return null;
end $$;
-- Waits for the transactions that are writing: what they write is seen by the batches.
create trigger copy_envelope after insert on envelopes
  for each row execute function copy_envelope();

-- Up to where rows have been carried over.
create table envelopes_carried (conversation_id uuid not null, seq bigint not null);
insert into envelopes_carried values ('00000000-0000-0000-0000-000000000000', 0);
