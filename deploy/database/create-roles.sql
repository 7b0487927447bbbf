-- Roles and schemas of Sotto, made once by a superuser in a database of Sotto's own:
--   createdb sotto
--   psql -d sotto -v auth_password=… -v auth_owner_password=… -v chat_password=… \
--        -v chat_owner_password=… -f deploy/database/create-roles.sql
--
-- An owner makes and changes the tables of its schema: only the migrations use it. The role of a
-- service reads and writes rows; what it may touch is granted by the migrations.
create role sotto_auth_owner login password :'auth_owner_password';
create role sotto_auth login password :'auth_password';
create role sotto_chat_owner login password :'chat_owner_password';
create role sotto_chat login password :'chat_password';

do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format(
    'grant connect on database %I to sotto_auth_owner, sotto_auth, sotto_chat_owner, sotto_chat',
    current_database());
end $$;
revoke all on schema public from public;

create schema auth authorization sotto_auth_owner;
create schema chat authorization sotto_chat_owner;
