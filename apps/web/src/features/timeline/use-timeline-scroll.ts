import type { TimelineView } from '@sotto/sdk'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { VirtualizerHandle } from 'virtua'
import { useClient } from '../../client/hooks/client-context.tsx'
import type { TimelineRow } from './timeline-rows.ts'
import { useIsSeen } from './use-is-seen.ts'

/** Closer to the end than this counts as being at the end. */
const END_PX = 48
/** Older messages are requested before the first one comes into view. */
const LOAD_AHEAD_PX = 600

/** Keeps the timeline where the person is reading: at the end, or at the same message. */
export function useTimelineScroll(
  rows: readonly TimelineRow[],
  timeline: TimelineView,
  marksRead: boolean,
) {
  const { commands } = useClient()
  const scroller = useRef<HTMLElement>(null)
  const list = useRef<VirtualizerHandle>(null)
  /** Null until the list has been measured. */
  const [isAtEnd, setIsAtEnd] = useState<boolean | null>(null)
  const isPrepending = usePrepending(rows)
  const isSeen = useIsSeen()
  const { conversationId, hasOlder, loadingOlder } = timeline
  const lastKey = rows.at(-1)?.key

  const toEnd = useCallback(() => {
    list.current?.scrollToIndex(rows.length - 1, { align: 'end' })
    setIsAtEnd(true)
  }, [rows.length])

  const loadOlder = useCallback(() => {
    // This fails only without a connection, which the banner reports; scrolling asks again.
    if (hasOlder && !loadingOlder) commands.loadOlder(conversationId).catch(() => {})
  }, [commands, conversationId, hasOlder, loadingOlder])

  const onScroll = useCallback(() => {
    const { scrollOffset = 0, scrollSize = 0, viewportSize = 0 } = list.current ?? {}
    setIsAtEnd(scrollSize - viewportSize - scrollOffset < END_PX)
    if (scrollOffset < LOAD_AHEAD_PX) loadOlder()
  }, [loadOlder])

  const onResize = useCallback(() => {
    const { scrollSize = 0, viewportSize = 0 } = list.current ?? {}
    if (viewportSize === 0) return
    // The composer or a message grew: a reader at the end stays there.
    if (isAtEnd && scrollSize > viewportSize) toEnd()
    else onScroll()
  }, [isAtEnd, toEnd, onScroll])

  useStart(rows, list)
  useFollow(rows, isAtEnd === true, toEnd)
  useEffect(onResize, [onResize])
  useEffect(() => {
    if (marksRead && isSeen && isAtEnd && lastKey) {
      commands.markRead(conversationId).catch(() => {})
    }
  }, [commands, conversationId, marksRead, isSeen, isAtEnd, lastKey])

  return { scroller, list, isPrepending, isAtEnd, toEnd, onScroll, onResize }
}

/** Starts at the first unread message if there is one, otherwise at the end. */
function useStart(
  rows: readonly TimelineRow[],
  list: React.RefObject<VirtualizerHandle | null>,
): void {
  const hasStarted = useRef(false)
  useLayoutEffect(() => {
    if (hasStarted.current || rows.length === 0) return
    hasStarted.current = true
    const unread = rows.findIndex(({ kind }) => kind === 'unread')
    if (unread >= 0) list.current?.scrollToIndex(unread, { align: 'start', offset: -24 })
    else list.current?.scrollToIndex(rows.length - 1, { align: 'end' })
  }, [rows, list])
}

/** Follows new messages: always our own, others only from the end. */
function useFollow(rows: readonly TimelineRow[], isAtEnd: boolean, toEnd: () => void): void {
  const known = useRef<string | undefined>(undefined)
  useLayoutEffect(() => {
    const last = rows.at(-1)
    if (!last || last.key === known.current) return
    const isFirst = known.current === undefined
    known.current = last.key
    const isOwn = last.kind === 'message' && last.message.mine && last.message.seq === null
    if (!isFirst && (isAtEnd || isOwn)) toEnd()
  }, [rows, isAtEnd, toEnd])
}

/** Whether this change prepended older rows, so that the list keeps its position from the end. */
function usePrepending(rows: readonly TimelineRow[]): boolean {
  const known = useRef<{ first: string | undefined; last: string | undefined }>(undefined)
  const first = rows.find(({ kind }) => kind !== 'day')?.key
  const last = rows.at(-1)?.key
  const isPrepending =
    known.current !== undefined && known.current.last === last && known.current.first !== first
  useLayoutEffect(() => {
    known.current = { first, last }
  }, [first, last])
  return isPrepending
}
