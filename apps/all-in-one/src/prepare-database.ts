import { connect, type Sql } from '@sotto/service-runtime'
import type { Secrets } from './secrets.ts'

/** The addresses with which the services reach their part of the database. */
export interface DatabaseUrls {
  auth: string
  chat: string
}

/**
 * Makes the database `sotto` with a role and a schema for each service, where they are not there yet,
 * and gives the roles their passwords. A role owns its schema and reaches nothing else.
 */
export async function prepareDatabase(
  superuserUrl: string,
  passwords: Secrets['databasePasswords'],
): Promise<DatabaseUrls> {
  await withConnection(superuserUrl, createDatabase)
  await withConnection(urlFor(superuserUrl, {}), (sql) => createRoles(sql, passwords))
  return {
    auth: urlFor(superuserUrl, { username: 'sotto_auth', password: passwords.auth }),
    chat: urlFor(superuserUrl, { username: 'sotto_chat', password: passwords.chat }),
  }
}

function urlFor(url: string, credentials: { username?: string; password?: string }): string {
  return Object.assign(new URL(url), { pathname: '/sotto', ...credentials }).href
}

async function withConnection(url: string, act: (sql: Sql) => Promise<void>): Promise<void> {
  const sql = connect(url, { maxConnections: 1, applicationName: 'sotto start' })
  await act(sql).finally(() => sql.end({ timeout: 5 }))
}

async function createDatabase(sql: Sql): Promise<void> {
  const [found] = await sql`select 1 from pg_database where datname = 'sotto'`
  if (!found) await sql`create database sotto`
  await sql`revoke all on database postgres, sotto from public`
}

async function createRoles(sql: Sql, passwords: Secrets['databasePasswords']): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`revoke all on schema public from public`
    // Utility statements take no parameters, so the values travel as settings of the transaction.
    for (const service of ['auth', 'chat'] as const) {
      await tx`select set_config('sotto.service', ${service}, true)`
      await tx`select set_config('sotto.password', ${passwords[service]}, true)`
      await tx`
        do $$
        declare
          service text := current_setting('sotto.service');
          role text := 'sotto_' || service;
        begin
          if not exists (select from pg_roles where rolname = role) then
            execute format('create role %I login', role);
          end if;
          execute format('alter role %I password %L', role, current_setting('sotto.password'));
          execute format('grant connect on database sotto to %I', role);
          execute format('create schema if not exists %I authorization %I', service, role);
        end $$`
    }
  })
}
