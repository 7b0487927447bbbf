-- Creates the roles and schemas of Sotto, as a superuser in a separate database for Sotto:
--   createdb sotto
--   psql -X -v ON_ERROR_STOP=1 -d sotto -v auth_password=… -v auth_owner_password=… -v chat_password=… \
--        -v chat_owner_password=… -f deploy/database/create-roles.sql
-- It does everything or nothing. Running it again creates what is missing and sets the passwords.
--
-- An owner creates and changes the tables of its schema; only the migrations use it. The role of a
-- service reads and writes rows; the migrations grant its rights.
begin;

do $$
declare
  role text;
begin
  foreach role in array array['sotto_auth_owner', 'sotto_auth', 'sotto_chat_owner', 'sotto_chat'] loop
    if not exists (select from pg_roles where rolname = role) then
      execute format('create role %I login', role);
    end if;
  end loop;
end $$;
alter role sotto_auth_owner login password :'auth_owner_password';
alter role sotto_auth login password :'auth_password';
alter role sotto_chat_owner login password :'chat_owner_password';
alter role sotto_chat login password :'chat_password';

do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format(
    'grant connect on database %I to sotto_auth_owner, sotto_auth, sotto_chat_owner, sotto_chat',
    current_database());
end $$;
revoke all on schema public from public;

create schema if not exists auth authorization sotto_auth_owner;
create schema if not exists chat authorization sotto_chat_owner;

commit;
