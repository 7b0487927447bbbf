#!/bin/sh
# Starts the PostgreSQL of deploy/compose.yaml in $PGDATA, with the arguments for `postgres`. A data
# folder is created under a temporary name and renamed when it is complete. The roles, with the
# passwords from the services' database URLs, are created before anyone can connect. After an
# interruption, the next start begins again. Only the remains of such an attempt are ever deleted.
set -eu
export LC_ALL=C

secrets=${SECRETS:-/run/secrets}
attempt=$PGDATA.new
mark=$PGDATA/sotto-roles
private=$(mktemp -d)

tidy() {
  pg_ctl -D "$PGDATA" -m immediate stop > /dev/null 2>&1 || true
  rm -rf "$private"
}
trap tidy EXIT
trap 'exit 1' INT TERM

password_of() {
  password=$(sed -nE 's|^[a-z]+://[^:]+:([^@]+)@.*$|\1|p' "$secrets/$1" 2> /dev/null) || password=
  if [ -z "$password" ]; then
    echo "There is no password in the secret $1; run npm run deploy:secrets to create it." >&2
    return 1
  fi
  echo "$password"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  rm -rf "$attempt"
  mkdir -p "$(dirname "$PGDATA")"
  initdb -D "$attempt" --username=postgres --pwfile="$secrets/postgres_password" --data-checksums \
    --auth-host=scram-sha-256 --auth-local=peer --encoding=UTF8 --locale=C --locale-provider=builtin \
    --builtin-locale=C.UTF-8
  echo 'host all all all scram-sha-256' >> "$attempt/pg_hba.conf"
  if [ -d "$PGDATA" ] && ! rmdir "$PGDATA"; then
    echo "$PGDATA is not a data folder of PostgreSQL, and is not empty. Move its content to another place." >&2
    exit 1
  fi
  mv "$attempt" "$PGDATA"
fi

if [ ! -e "$mark" ]; then
  auth=$(password_of auth_database_url)
  auth_owner=$(password_of auth_owner_database_url)
  chat=$(password_of chat_database_url)
  chat_owner=$(password_of chat_owner_database_url)
  # Reachable only by this script, which needs no password.
  echo 'local all all trust' > "$private/pg_hba.conf"
  pg_ctl -D "$PGDATA" -w -t 600 \
    -o "-c listen_addresses='' -c unix_socket_directories='$private' -c hba_file='$private/pg_hba.conf'" start
  sql() {
    psql -X -q -At -v ON_ERROR_STOP=1 -h "$private" -p "${PGPORT:-5432}" -U postgres "$@"
  }
  found=$(sql -d postgres -c "select count(*) from pg_database where datname = 'sotto'")
  if [ "$found" = 0 ]; then sql -d postgres -c 'create database sotto'; fi
  sql -d sotto -v auth_password="$auth" -v auth_owner_password="$auth_owner" \
    -v chat_password="$chat" -v chat_owner_password="$chat_owner" -f "$(dirname "$0")/create-roles.sql"
  pg_ctl -D "$PGDATA" -w -t 600 -m fast stop
  : > "$mark"
fi

rm -rf "$private"
trap - EXIT INT TERM
exec postgres -D "$PGDATA" "$@"
