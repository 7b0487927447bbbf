-- A transaction that changes anything but logs leaves its number here, in a slot that no other
-- transaction uses at the same time: whether the number is there tells whether the changes are.
create table acceptance_marks (
  instance_id uuid not null,
  slot integer not null,
  number bigint not null,
  primary key (instance_id, slot)
) with (fillfactor = 50);
