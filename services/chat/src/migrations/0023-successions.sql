-- How the identity keys of an account followed one another, the latest first: signed statements.
alter table accounts add column successions text[] not null default '{}';
