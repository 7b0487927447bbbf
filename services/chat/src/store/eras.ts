import type { Tx } from '@sotto/service-runtime'

/** A line of history of the database, and where it lay. */
export interface Era {
  readonly era: string
  readonly home: string
}

/** Makes everybody wait who wants to begin an era, until the transaction ends. */
export async function lock(tx: Tx) {
  await tx`select pg_advisory_xact_lock(hashtextextended('sotto era', 0))`
}

/** Where this database lies: another place after a dump was restored, or a copy promoted. */
export async function findHome(tx: Tx): Promise<string> {
  const [row] = await tx<{ home: string }[]>`
    select concat_ws(
      '/',
      (select system_identifier from pg_control_system()),
      left(pg_walfile_name(pg_current_wal_lsn()), 8), -- the timeline
      (select oid from pg_database where datname = current_database())
    ) as home`
  return row?.home ?? ''
}

export async function findCurrent(tx: Tx): Promise<Era | undefined> {
  const [row] = await tx<Era[]>`select era, home from chat.eras order by id desc limit 1`
  return row
}

/** Begins an era with a new name, of 16 hexadecimal digits. */
export async function begin(tx: Tx, home: string) {
  await tx`
    insert into chat.eras (era, home)
    values (left(replace(gen_random_uuid()::text, '-', ''), 16), ${home})`
}
