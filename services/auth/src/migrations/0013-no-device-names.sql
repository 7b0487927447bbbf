-- A log-in has no name any more: that of a device is sealed in its credential, for own devices only. Nothing that
-- reads or writes the column was ever released, so it goes at once, with what it holds.
alter table sessions drop column device_name;
