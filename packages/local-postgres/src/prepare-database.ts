import { randomBytes } from 'node:crypto'
import { connect, type Sql } from '@sotto/service-runtime'

/** The URLs with which the services reach their part of the database. */
export interface DatabaseUrls {
  readonly auth: string
  readonly chat: string
  /** For the roles that own the schemas and run the migrations; valid until the next call. */
  readonly authOwner: string
  readonly chatOwner: string
}

const services = ['auth', 'chat'] as const

// Note: database roles
//
// Each service has two. `sotto_chat` can only read and write rows in the schema `chat`, so an attacker
// who takes over the service cannot change or drop a table, or read the other schema.
// `sotto_chat_owner` owns the schema; it is used only for migrations at the start. Connections are
// limited so that no service can exhaust those of the other: 40 + 50 + 2 × 3 of PostgreSQL's 100.
const limits = { auth: 40, chat: 50, owner: 3 } as const

/**
 * Creates the database `sotto` with two roles and a schema for each service if they do not exist
 * yet, and sets the passwords of the roles; see the note "database roles". Objects that belong to a
 * service's role, as in the first version, are transferred to its owner. Throws the database's
 * error.
 */
export async function prepareDatabase(
  superuserUrl: string,
  passwords: { readonly auth: string; readonly chat: string },
): Promise<DatabaseUrls> {
  const database = 'sotto'
  // Needed only for the start, so it is not stored.
  const ownerPassword = randomBytes(32).toString('base64url')
  await prepareRoles(superuserUrl, database, { ...passwords, owner: ownerPassword })
  const as = (username: string, password: string) =>
    urlFor(superuserUrl, database, { username, password })
  return {
    auth: as('sotto_auth', passwords.auth),
    chat: as('sotto_chat', passwords.chat),
    authOwner: as('sotto_auth_owner', ownerPassword),
    chatOwner: as('sotto_chat_owner', ownerPassword),
  }
}

/** The same, but roles without a given password keep theirs, and new ones have none. */
export async function prepareRoles(
  superuserUrl: string,
  database: string,
  passwords: Partial<Record<'auth' | 'chat' | 'owner', string>> = {},
): Promise<void> {
  await withConnection(superuserUrl, (sql) => createDatabase(sql, database))
  await withConnection(urlFor(superuserUrl, database), async (sql) => {
    await sql.begin(async (tx) => {
      await tx`revoke all on schema public from public`
      for (const service of services) {
        const role = `sotto_${service}`
        await giveRole(tx, role, { password: passwords[service], connections: limits[service] })
        await giveRole(tx, `${role}_owner`, {
          password: passwords.owner,
          connections: limits.owner,
        })
        await giveSchema(tx, service, role)
      }
    })
  })
}

function urlFor(
  url: string,
  database: string,
  credentials: { username?: string; password?: string } = {},
): string {
  return Object.assign(new URL(url), { pathname: `/${database}`, ...credentials }).href
}

async function withConnection(url: string, act: (sql: Sql) => Promise<void>): Promise<void> {
  const sql = connect(url, { maxConnections: 1, applicationName: 'sotto start' })
  try {
    // Creating a database takes long on a slow or busy machine, and nothing waits for it.
    await sql`set statement_timeout = 0`
    await act(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function createDatabase(sql: Sql, database: string): Promise<void> {
  const [found] = await sql`select 1 from pg_database where datname = ${database}`
  if (!found) await sql`create database ${sql(database)}`
  await sql`revoke all on database postgres, ${sql(database)} from public`
}

type Transaction = Parameters<Parameters<Sql['begin']>[1]>[0]

// Utility statements take no parameters, so settings of the transaction carry the values.

/** Creates a role that can log in and has no other rights. */
async function giveRole(
  tx: Transaction,
  role: string,
  { password, connections }: { password: string | undefined; connections: number },
) {
  await tx`select set_config('sotto.role', ${role}, true),
    set_config('sotto.password', ${password ?? ''}, true),
    set_config('sotto.connections', ${connections}::text, true)`
  await tx`
    do $$
    declare
      role text := current_setting('sotto.role');
    begin
      if not exists (select from pg_roles where rolname = role) then
        execute format('create role %I login', role);
      end if;
      execute format(
        'alter role %I login nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit
          connection limit %s',
        role, current_setting('sotto.connections')
      );
      if current_setting('sotto.password') <> '' then
        execute format('alter role %I password %L', role, current_setting('sotto.password'));
      end if;
      execute format('alter role %I set statement_timeout = ''15s''', role);
      execute format('alter role %I set lock_timeout = ''10s''', role);
      execute format('alter role %I set idle_in_transaction_session_timeout = ''15s''', role);
      execute format('grant connect on database %I to %I', current_database(), role);
    end $$`
}

/** Creates the service's schema, owned by `<role>_owner`, which also owns everything in it. */
async function giveSchema(tx: Transaction, service: string, role: string) {
  await tx`select set_config('sotto.service', ${service}, true),
    set_config('sotto.role', ${role}, true)`
  await tx`
    do $$
    declare
      service text := current_setting('sotto.service');
      role text := current_setting('sotto.role');
      owner text := role || '_owner';
      is_of_former_version boolean;
    begin
      select nspowner = role::regrole into is_of_former_version
      from pg_namespace where nspname = service;
      if is_of_former_version then
        execute format('reassign owned by %I to %I', role, owner);
      end if;
      execute format('create schema if not exists %I authorization %I', service, owner);
      execute format('revoke all on schema %I from public', service);
    end $$`
}
