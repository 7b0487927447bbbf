-- Envelopes up to here are in the usage of their senders. Null: the conversation itself is not in that of its
-- creator either. Whoever finds a gap before the end of the log leaves it as it is, and it is counted
-- later: an instance of the version before, which counts nothing, makes such gaps.
alter table conversations add column counted_seq bigint;
