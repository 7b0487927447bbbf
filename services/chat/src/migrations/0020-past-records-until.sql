-- Until when each former record was the newest, in milliseconds: somebody who met the account later has no use for
-- it, and learns no former name. Of those that were kept before, nobody but the account gets any.
alter table past_records add column replaced_at bigint not null default 0;
