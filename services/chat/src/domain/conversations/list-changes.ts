import { DomainError, type Sql } from '@sotto/service-runtime'
import type { Actor, Conversation } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as views from '../../store/conversations/conversation-views.ts'
import * as snapshots from '../../store/eras/snapshots.ts'
import type { EraGuard } from '../eras/guard-era.ts'
import { asSeenBy } from './conversation-view.ts'
import { formatPosition, parsePosition } from './read-conversations.ts'

/**
 * Note: how the cursor of changes works.
 *
 * Every row carries the transaction that last changed it. `xmin` of a snapshot is the oldest
 * transaction that was still running at that time: everything before it is visible. So a cursor
 * says "I have seen everything before transaction X", and changes by X or later come next time. A
 * conversation may come twice, but a transaction that was open while a later one had already
 * committed is never skipped, as it would be with a clock or a sequence.
 *
 * Between pages, the cursor also contains the transaction up to which the whole result reaches (the
 * xmin of the *first* page) and the position of the next page. A conversation that gets a new
 * envelope in the meantime moves ahead of that position; it was changed after that xmin, so the
 * next round returns it.
 *
 * Transaction numbers are only meaningful in the database that assigned them, so the cursor names
 * the line of the era that assigned them. A cursor from an earlier line of this era is moved back
 * to the start of the next line. A cursor from another era, or from a future that the database does
 * not know, is ignored.
 */
interface ChangesCursor {
  readonly line: string
  /** Everything before this transaction has been seen. */
  readonly sinceXid: string
  /** Only present between two pages. */
  readonly page?: { readonly untilXid: string; readonly after: views.Position }
}

/** The database's era. */
export async function readEra({ sql, eras }: ChatContext): Promise<{ era: string }> {
  const { era } = await eras.onKnownServer(() => takeSnapshot(sql, eras, undefined))
  return { era }
}

/** The caller's conversations that have changed since `since`, latest activity first. */
export async function listChanges(
  { sql, eras }: ChatContext,
  { accountId }: Actor,
  query: { since?: string | undefined; limit: number },
): Promise<{ era: string; conversations: Conversation[]; cursor: string; more: boolean }> {
  const given = query.since === undefined ? undefined : parseCursor(query.since)
  // Before reading the conversations, so that they are at least as new as the snapshot.
  const { era, line, xmin, ...place } = await eras.onKnownServer(() =>
    takeSnapshot(sql, eras, given),
  )
  const cursor = place.isPast ? given : undefined
  const after = cursor?.page?.after
  const sinceXid = cursor ? place.sinceXid : '0'
  const rows = await views.listChanged(sql, accountId, { sinceXid, after, limit: query.limit + 1 })

  const page = rows.slice(0, query.limit)
  const last = page.at(-1)
  const more = last !== undefined && rows.length > query.limit
  const untilXid = (cursor && place.untilXid) ?? xmin
  const next = more
    ? { line, sinceXid, page: { untilXid, after: last } }
    : { line, sinceXid: untilXid }
  return {
    era,
    conversations: page.map((view) => asSeenBy(accountId, view)),
    cursor: formatCursor(next),
    more,
  }
}

async function takeSnapshot(sql: Sql, eras: EraGuard, cursor: ChangesCursor | undefined) {
  const { line = '', sinceXid = '0', page } = cursor ?? {}
  const snapshot = await snapshots.take(sql, { line, sinceXid, untilXid: page?.untilXid })
  eras.check(snapshot.server)
  return snapshot
}

function formatCursor({ line, sinceXid, page }: ChangesCursor): string {
  const start = `${line}.${sinceXid}`
  return page ? `${start}.${page.untilXid}.${formatPosition(page.after)}` : start
}

function parseCursor(text: string): ChangesCursor {
  const [, line, sinceXid, untilXid, position] =
    /^([0-9a-f]{16})\.(\d{1,19})(?:\.(\d{1,19})\.(.+))?$/.exec(text) ?? []
  if (!line || !sinceXid) throw new DomainError('invalid_request', { field: 'querystring/since' })
  if (!untilXid || !position) return { line, sinceXid }
  return { line, sinceXid, page: { untilXid, after: parsePosition(position) } }
}
