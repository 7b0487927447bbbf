-- What the operator allows this account instead of what everybody has, beside `allowed_bytes`.
alter table account_usage
  add column allowed_conversations integer,
  add column allowed_devices integer;
