-- An era goes on when another server takes over and has everything, or when PostgreSQL restarts. Each
-- server of an era has a row here, its line of the era.
alter table eras
  -- Named by cursors. Null in the first line of an era: it is called like the era.
  add column line text,
  -- When the server was started, which no two servers have in common.
  add column server text,
  -- Where the line continues an era: transactions from this one on belong to it.
  add column first_xid xid8;
