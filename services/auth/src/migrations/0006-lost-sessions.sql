-- How many tokens of the session came before this one. One of a later generation than the database knows
-- says that the database has lost some.
alter table refresh_tokens add column generation integer not null default 0;
-- Instead of `successor_nonce`, from which the version before makes a token without its claims: not finding
-- one, that version gives out one more instead of one that nobody stored.
alter table refresh_tokens add column next_nonce bytea;
