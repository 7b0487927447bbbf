#!/bin/sh
# The health check of the PostgreSQL in deploy/compose.yaml: it answers, and has the roles and
# schemas of the services.
set -eu
export PGCONNECT_TIMEOUT=3

found=$(psql -X -At -U postgres -d sotto -c "
  select (select count(*) from pg_roles where rolcanlogin and rolname in
      ('sotto_auth', 'sotto_auth_owner', 'sotto_chat', 'sotto_chat_owner'))
    + (select count(*) from pg_namespace where nspname in ('auth', 'chat'))")
if [ "$found" != 6 ]; then
  echo "Roles or schemas of Sotto are missing. Delete the file sotto-roles in PGDATA and restart to create them again."
  exit 1
fi
