-- Statements that wait for the old table find the new one under its name when this is committed.
lock table envelopes, envelopes_by_hash in access exclusive mode;
drop table envelopes;
drop table envelopes_carried;
drop function copy_envelope;
alter table envelopes_by_hash rename to envelopes;
alter index envelopes_by_hash_pkey rename to envelopes_pkey;
alter index envelopes_by_hash_conversation_id_id_key rename to envelopes_conversation_id_id_key;
