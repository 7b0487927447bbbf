import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { prepareRoles } from '@sotto/local-postgres'
import { connect, type Sql, StartError } from '@sotto/service-runtime'
import { checkDatabase } from './check-database.ts'
import { type Backup, type BackupSummary, loadDatabase } from './load-database.ts'

/**
 * How long the connection of a health check may last; one comes every few seconds. Longer
 * connections count as users.
 */
const visitMs = 5_000

/** The result of a restore. */
export interface Restored {
  /** The new name of the previous database; undefined if there was none. */
  readonly keptAs: string | undefined
}

/**
 * Replaces the database `sotto` on the server of `url`, whichever database that names, with a
 * backup that was already checked. First loads and checks it under another name; the previous
 * database is kept under a name with the time. Throws StartError if there is one and `forced` is
 * false, or if it is in use.
 */
export async function restoreBackup(
  url: string,
  backup: Backup,
  { summary, isForced }: { summary: BackupSummary; isForced: boolean },
): Promise<Restored> {
  const superuserUrl = besideSotto(url)
  const sql = connect(superuserUrl, { maxConnections: 1, applicationName: 'sotto restore' })
  try {
    const isThere = await exists(sql, 'sotto')
    if (isThere) await refuseUsed(sql, superuserUrl, isForced)
    const name = `sotto_restoring_${randomBytes(4).toString('hex')}`
    try {
      await load(superuserUrl, name, backup, summary)
      const keptAs = isThere ? `sotto_before_${timeStamp()}` : undefined
      // Services may have been started in the meantime.
      if (isThere) await refuseUsers(sql)
      await sql.begin(async (tx) => {
        if (keptAs) await tx`alter database sotto rename to ${tx(keptAs)}`
        await tx`alter database ${tx(name)} rename to sotto`
      })
      return { keptAs }
    } catch (error) {
      await sql`drop database if exists ${sql(name)} with (force)`
      throw error
    }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Loads a backup into a new database `name`, and checks it. */
async function load(
  superuserUrl: string,
  name: string,
  backup: Backup,
  summary: BackupSummary,
): Promise<void> {
  await prepareRoles(superuserUrl, name)
  const url = Object.assign(new URL(superuserUrl), { pathname: `/${name}` }).href
  const sql = connect(url, { maxConnections: 1, applicationName: 'sotto restore' })
  try {
    await sql`set statement_timeout = 0`
    await sql`set enable_hashjoin = on`
    await sql`set enable_seqscan = on`
    await sql`set enable_mergejoin = on`
    await loadDatabase(sql, backup, url)
    const wrong = await checkDatabase(sql, summary.rows)
    if (wrong.length > 0) throw new StartError(`The backup is inconsistent: ${wrong.join('; ')}.`)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function exists(sql: Sql, name: string): Promise<boolean> {
  return (await sql`select 1 from pg_database where datname = ${name}`).length > 0
}

/** The same server through another database, because a session cannot rename its own database. */
function besideSotto(url: string): string {
  const address = new URL(url)
  const isSotto = ['', '/', '/sotto'].includes(address.pathname)
  return isSotto ? Object.assign(address, { pathname: '/postgres' }).href : url
}

async function refuseUsed(sql: Sql, superuserUrl: string, isForced: boolean) {
  await refuseUsers(sql)
  if (isForced || (await isEmpty(superuserUrl))) return
  throw new StartError(
    'The database already contains data. Use --force to restore anyway; the existing data is kept under another name.',
  )
}

/**
 * Throws StartError if anyone else stays connected to the database `sotto`, with the names of the
 * applications.
 */
async function refuseUsers(sql: Sql) {
  const until = performance.now() + visitMs
  let users = await listUsers(sql)
  while (users.length > 0 && performance.now() < until) {
    await sleep(100)
    users = await listUsers(sql)
  }
  if (users.length === 0) return
  const names = users.map(({ name, connections }) => `${name} (${connections})`).join(', ')
  throw new StartError(
    `The database is in use: ${names}. Stop Sotto and all other programs that use it.`,
  )
}

function listUsers(sql: Sql) {
  return sql<{ name: string; connections: number }[]>`
    select coalesce(nullif(application_name, ''), 'somebody without a name') as name,
      count(*) as connections
    from pg_stat_activity
    where datname = 'sotto' and backend_type = 'client backend' and pid <> pg_backend_pid()
    group by 1 order by 1`
}

async function isEmpty(superuserUrl: string): Promise<boolean> {
  const url = Object.assign(new URL(superuserUrl), { pathname: '/sotto' }).href
  const sql = connect(url, { maxConnections: 1, applicationName: 'sotto restore' })
  try {
    const [table] = await sql`select to_regclass('auth.accounts') as found`
    if (!table?.found) return true
    return (await sql`select 1 from auth.accounts limit 1`).length === 0
  } finally {
    await sql.end({ timeout: 5 })
  }
}

const timeStamp = () => new Date().toISOString().replace(/\D/g, '').slice(0, 14)
