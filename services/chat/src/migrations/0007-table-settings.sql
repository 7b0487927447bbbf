-- Rows that change with every message: dead versions are cleared away while they are few.
alter table conversations set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
alter table participants set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
-- Almost empty, and written and emptied with every message.
alter table event_outbox set (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000,
  autovacuum_vacuum_cost_delay = 0
);
alter table rate_limits set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
