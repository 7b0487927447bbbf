import type { Tx } from '@sotto/service-runtime'
import { serverName } from './eras.ts'

/** The position of a cursor: transaction numbers, and the line of the era that assigned them. */
export interface Position {
  readonly line: string
  readonly sinceXid: string
  readonly untilXid: string | undefined
}

/** The state of the database at a moment, and a cursor's position in it. */
export interface Snapshot {
  /** Names this database in this line of its history. It changes when something is lost. */
  readonly era: string
  /** The part of the era that this server writes. */
  readonly line: string
  readonly server: string
  /** The oldest running transaction: everything before it is visible. */
  readonly xmin: string
  /** The transactions of the given position, in the numbering of this line. */
  readonly sinceXid: string
  readonly untilXid: string | null
  /** Whether the given position belongs to this era and to an assigned transaction number. */
  readonly isPast: boolean
}

/**
 * Takes a snapshot. Later reads see at least what every transaction before `xmin` wrote.
 *
 * A server that took over may reassign numbers that the former one gave to transactions which
 * changed nothing or were never acknowledged. So a position of an earlier line is moved back to the
 * start of the lines after it.
 */
export async function take(tx: Tx, { line, sinceXid, untilXid }: Position): Promise<Snapshot> {
  const [snapshot] = await tx<Snapshot[]>`
    with current as (
      select era, coalesce(line, era) as line from chat.eras order by id desc limit 1
    ), given as (
      select id from chat.eras
      where era = (select era from current) and coalesce(line, era) = ${line}
    ), later as (
      select first_xid from chat.eras
      where id > (select id from given) and first_xid is not null order by first_xid limit 1
    ), moved as (
      select
        least(${sinceXid}::text::xid8, (select first_xid from later)) as since_xid,
        least(${untilXid ?? null}::text::xid8, (select first_xid from later)) as until_xid
    )
    select current.era, current.line, ${serverName(tx)} as server,
      pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
      since_xid::text as "sinceXid",
      case when ${untilXid ?? null}::text is not null then until_xid::text end as "untilXid",
      exists (select from given) and since_xid <= pg_snapshot_xmax(pg_current_snapshot())
        as "isPast"
    from current, moved`
  if (!snapshot) throw new Error('The query for the snapshot returned no row')
  return snapshot
}
