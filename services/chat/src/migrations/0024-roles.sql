-- What a participant may do: an admin also adds and removes others. With two participants both are members.
alter table participants add column role text not null default 'member'
  check (role in ('member', 'admin'));
