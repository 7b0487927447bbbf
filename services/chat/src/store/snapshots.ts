import type { Tx } from '@sotto/service-runtime'

/** Where the database stands. */
export interface Snapshot {
  /** Names this database in this line of its history: another one after a restored backup. */
  readonly era: string
  /** The oldest transaction that is not finished: everything before it is visible. */
  readonly xmin: string
  /** Whether `xid` is of a transaction that has been given out already. */
  readonly isPast: boolean
}

/** Takes a snapshot. What is read afterwards holds at least what every transaction before `xmin` wrote. */
export async function take(tx: Tx, xid: string): Promise<Snapshot> {
  const [snapshot] = await tx<Snapshot[]>`
    select
      left(md5(concat_ws(
        ' ',
        (select system_identifier from pg_control_system()),
        left(pg_walfile_name(pg_current_wal_lsn()), 8), -- the timeline
        (select oid from pg_database where datname = current_database())
      )), 16) as era,
      pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
      ${xid}::text::xid8 <= pg_snapshot_xmax(pg_current_snapshot()) as "isPast"`
  if (!snapshot) throw new Error('no snapshot')
  return snapshot
}
