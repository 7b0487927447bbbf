-- Windows of rate-limiter-flexible; the order of the columns is the library's. `key` is a hash.
create table rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
create index rate_limits_expire on rate_limits (expire);
