-- Counts the writes of the wraps: a signed write is good for one of them.
alter table accounts add column wraps_version bigint not null default 0;
