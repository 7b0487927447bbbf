#!/bin/sh
# Run once by the PostgreSQL image, in a data folder that is still empty: makes the roles with the
# passwords that stand in the addresses the services get.
set -eu

password_of() {
  sed -E 's|^[a-z]+://[^:]+:([^@]+)@.*$|\1|' "/run/secrets/$1"
}

psql -v ON_ERROR_STOP=1 -d "$POSTGRES_DB" -U "$POSTGRES_USER" \
  -v auth_password="$(password_of auth_database_url)" \
  -v auth_owner_password="$(password_of auth_owner_database_url)" \
  -v chat_password="$(password_of chat_database_url)" \
  -v chat_owner_password="$(password_of chat_owner_database_url)" \
  -f /create-roles.sql
