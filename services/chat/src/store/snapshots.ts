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
      (select era from chat.eras order by id desc limit 1) as era,
      pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
      ${xid}::text::xid8 <= pg_snapshot_xmax(pg_current_snapshot()) as "isPast"`
  if (!snapshot) throw new Error('no snapshot')
  return snapshot
}
