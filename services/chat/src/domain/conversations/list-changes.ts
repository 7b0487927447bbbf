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
 * Every row carries the transaction that changed it last. `xmin` of a snapshot is the oldest
 * transaction that was not finished then: everything before it is visible. So a cursor says "I have
 * seen everything before transaction X", and what was changed by X or later comes next time. A
 * conversation may come twice, but a transaction that was open while a later one had committed
 * already is never skipped, as it would be with a clock or a sequence.
 *
 * While there are more pages the cursor also says up to which transaction the whole will reach (the
 * xmin of the *first* page) and where the next page begins. A conversation that gets a new envelope
 * meanwhile jumps ahead of that place; it was changed after that xmin, so the round after brings it.
 *
 * Transaction numbers mean something only in the database they come from, so the cursor names the
 * line of the era that gave them out. One of an earlier line of this era is moved back to where the
 * next one began. One of another era, or of a future that the database does not know, counts as none.
 */
interface ChangesCursor {
  readonly line: string
  /** Everything before this transaction has been seen. */
  readonly sinceXid: string
  /** Between two pages only. */
  readonly page?: { readonly untilXid: string; readonly after: views.Position }
}

/** The era of the database. */
export async function readEra({ sql, eras }: ChatContext): Promise<{ era: string }> {
  const { era } = await eras.onKnownServer(() => takeSnapshot(sql, eras, undefined))
  return { era }
}

/** The own conversations that have changed since `since`, latest activity first. */
export async function listChanges(
  { sql, eras }: ChatContext,
  { accountId }: Actor,
  query: { since?: string | undefined; limit: number },
): Promise<{ era: string; conversations: Conversation[]; cursor: string; more: boolean }> {
  const given = query.since === undefined ? undefined : parseCursor(query.since)
  // Before the conversations: they are then at least as new as the snapshot says.
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
