-- The known device that asked for a code: what it tries is counted by itself.
alter table challenges add column known_device text;
