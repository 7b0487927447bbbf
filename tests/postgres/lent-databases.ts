import { randomBytes } from 'node:crypto'
import type { Sql, Tx } from '@sotto/service-runtime'
import { asAdmin } from './as-admin.ts'

/**
 * A database with the tables of all services, and its untouched state. Copying it and dropping the
 * copy takes longer than most tests, so copies are emptied and lent again.
 */
export interface Template {
  readonly name: string
  /** The definitions of its tables, functions and triggers. */
  readonly shape: string
  /** The rows that the migrations wrote, by table, as JSON. */
  readonly rows: Readonly<Record<string, string>>
}

/** Reads a migrated database to copy, and creates the list of databases to lend. */
export async function readTemplate(server: string, name: string): Promise<Template> {
  await asAdmin(server, (admin) => admin`create table to_lend (name text primary key)`)
  const rows: Record<string, string> = {}
  let shape = ''
  await asAdmin(inDatabase(server, name), async (sql) => {
    for (const table of await tablesWithRows(sql)) {
      const [read] = await sql<{ json: string }[]>`
        select jsonb_agg(to_jsonb(t))::text as json from ${sql(table)} as t`
      rows[table] = read?.json ?? '[]'
    }
    shape = await readShape(sql)
  })
  return { name, shape, rows }
}

/** The name of an unused database that equals the template. */
export async function borrowDatabase(admin: Sql, template: Template): Promise<string> {
  const [free] = await admin<{ name: string }[]>`
    delete from to_lend
    where name = (select name from to_lend limit 1 for update skip locked)
    returning name`
  if (free) return free.name
  const name = `test_${randomBytes(8).toString('hex')}`
  await createDatabaseLike(admin, name, template.name)
  return name
}

/**
 * Takes a database back; `sql` is a pool for it. Disconnects everyone else. A database with changed
 * tables, functions or triggers is not lent again.
 */
export async function giveDatabaseBack(
  admin: Sql,
  name: string,
  template: Template,
  sql: Sql,
): Promise<void> {
  const isAsBefore = await restoreRows(sql, template)
  await sql.end({ timeout: 2 })
  if (isAsBefore) await admin`insert into to_lend values (${name})`
  else await dropDatabase(admin, name)
}

/** Creates a database from a template. */
export async function createDatabaseLike(
  admin: Sql,
  name: string,
  template: string,
): Promise<void> {
  await admin`create database ${admin(name)} template ${admin(template)} strategy file_copy`
}

/** Deletes a database, and disconnects everyone. */
export async function dropDatabase(admin: Sql, name: string): Promise<void> {
  await admin`drop database if exists ${admin(name)} with (force)`
}

/** The URL of another database on the same server. */
export function inDatabase(server: string, name: string): string {
  return Object.assign(new URL(server), { pathname: `/${name}` }).href
}

/** Returns false if the database cannot be restored to its original state. */
async function restoreRows(pool: Sql, { shape, rows }: Template): Promise<boolean> {
  await using connection = await reserve(pool)
  const { sql } = connection
  await sql`
    select pg_terminate_backend(pid, 60000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`
  if ((await readShape(sql)) !== shape) return false
  // Disables triggers and foreign keys.
  await sql`set session_replication_role = replica`
  const restored = [
    ...(await tablesWithRows(sql)).map((table) => `delete from ${table}`),
    ...Object.entries(rows).map(([table, json]) => copyInto(table, json)),
    `select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
      from pg_sequences where last_value is not null`,
  ]
  // In one round trip, which is one transaction.
  await sql.unsafe(restored.join(';'))
  return true
}

async function reserve(pool: Sql) {
  const sql = await pool.reserve()
  return { sql, [Symbol.asyncDispose]: async () => sql.release() }
}

function copyInto(table: string, json: string): string {
  const literal = `'${json.replaceAll("'", "''")}'::jsonb`
  return `insert into ${table} select * from jsonb_populate_recordset(null::${table}, ${literal})`
}

async function tablesWithRows(sql: Tx): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', nspname, relname) as name
    from pg_class c join pg_namespace n on n.oid = relnamespace
    where relkind = 'r' and nspname !~ '^pg_|^information_schema$'`
  const selects = tables.map(
    ({ name }) => `select '${name}' as name where exists (select 1 from ${name})`,
  )
  const used = await sql.unsafe<{ name: string }[]>(selects.join(' union all '))
  return used.map(({ name }) => name)
}

/** Changes if anything except rows is changed, because catalog rows are then rewritten. */
async function readShape(sql: Tx): Promise<string> {
  const [read] = await sql<{ shape: string }[]>`
    with kept as (select oid, nspname from pg_namespace where nspname !~ '^pg_|^information_schema$'),
      parts as (
        select concat_ws(' ', nspname, oid) as part from kept
        union all
        select concat_ws(' ', oid, relname, relkind, relnatts, reloptions, relacl, relowner)
          from pg_class where relnamespace in (select oid from kept)
        union all
        select concat_ws(' ', attrelid, attname, atttypid, attnotnull, attisdropped)
          from pg_attribute where attrelid in (
            select oid from pg_class where relnamespace in (select oid from kept))
        union all
        select concat_ws(' ', conrelid, conname, pg_get_constraintdef(oid))
          from pg_constraint where connamespace in (select oid from kept)
        union all
        select concat_ws(' ', oid, proname, prosrc) from pg_proc where pronamespace in (select oid from kept)
        union all
        select concat_ws(' ', tgrelid, tgname, tgenabled) from pg_trigger
      )
    select md5(string_agg(part, ' ' order by part)) as shape from parts`
  return read?.shape ?? ''
}
