import type { Tx } from '@sotto/service-runtime'

/** The latest line of the latest era. A line is the part of an era that one server wrote. */
export interface Line {
  readonly era: string
  /** The location of the database. */
  readonly home: string
  /** Null if a version that did not know servers wrote the row. */
  readonly server: string | null
  /** The server on which the era began. */
  readonly beganOn: string | null
}

/** The database that a connection leads to. */
export interface Place {
  /** System identifier, timeline and database. It changes with a restore or a promotion. */
  readonly home: string
  readonly server: string
  /** No transaction that begins from now on has a lower number. */
  readonly firstXid: string
  /** Whether the server is a standby and read-only. */
  readonly isStandby: boolean
}

/**
 * An expression that names the PostgreSQL server that runs it, by the microsecond of its start. It
 * changes with a restart and with a failover. It costs nothing, so statements on the hot path can
 * use it.
 */
export const serverName = (tx: Tx) =>
  tx`(select extract(epoch from pg_postmaster_start_time())::text)`

/** Serializes decisions about the era until the transaction ends. */
export async function lock(tx: Tx) {
  await tx`select pg_advisory_xact_lock(hashtextextended('sotto era', 0))`
}

export async function findServer(tx: Tx): Promise<string> {
  const [row] = await tx<{ server: string }[]>`select ${serverName(tx)} as server`
  return row?.server ?? ''
}

export async function findPlace(tx: Tx): Promise<Place> {
  const [place] = await tx<Place[]>`
    select
      concat_ws(
        '/',
        (select system_identifier from pg_control_system()),
        -- The timeline, which a standby cannot determine.
        case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_lsn()), 8) end,
        (select oid from pg_database where datname = current_database())
      ) as home,
      ${serverName(tx)} as server,
      pg_snapshot_xmin(pg_current_snapshot())::text as "firstXid",
      pg_is_in_recovery() as "isStandby"`
  if (!place) throw new Error('The query for the place returned no row')
  return place
}

export async function findCurrent(tx: Tx): Promise<Line | undefined> {
  const [line] = await tx<Line[]>`
    select era, home, server,
      (select server from chat.eras first where first.era = eras.era order by id limit 1)
        as "beganOn"
    from chat.eras order by id desc limit 1`
  return line
}

/** Starts an era and returns its name, 16 hexadecimal digits. */
export async function begin(tx: Tx, { home, server }: Place): Promise<string> {
  const [row] = await tx<{ era: string }[]>`
    insert into chat.eras (era, home, server) values (${newName(tx)}, ${home}, ${server})
    returning era`
  return row?.era ?? ''
}

/** Adds a line to the era. */
export async function continueOn(tx: Tx, era: string, { home, server, firstXid }: Place) {
  await tx`
    insert into chat.eras (era, line, home, server, first_xid)
    values (${era}, ${newName(tx)}, ${home}, ${server}, ${firstXid}::text::xid8)`
}

const newName = (tx: Tx) => tx`left(replace(gen_random_uuid()::text, '-', ''), 16)`
