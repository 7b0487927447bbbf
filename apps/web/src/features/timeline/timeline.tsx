import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationSummary, TimelineView } from '@sotto/sdk'
import type { EnvelopeId } from '@sotto/wire'
import { useMemo, useState } from 'react'
import { Virtualizer } from 'virtua'
import { Icon } from '../../ui/icons/icon.tsx'
import { moveFocus } from '../../ui/keyboard/arrow-keys.ts'
import { Boundary } from '../../ui/notices/boundary.tsx'
import { titleOf } from '../conversations/participants.ts'
import { MessageMenu } from './messages/message-menu.tsx'
import { useMessageMenu } from './messages/use-message-menu.ts'
import styles from './timeline.module.css'
import { TimelineLine } from './timeline-line.tsx'
import { lastSeqOf, type TimelineRow, timelineRows } from './timeline-rows.ts'
import { useTimelineScroll } from './use-timeline-scroll.ts'

interface Props {
  readonly conversation: ConversationSummary
  readonly timeline: TimelineView
  readonly chosen: EnvelopeId | null
  /** Whether displayed messages count as read; not before a request is accepted. */
  readonly marksRead: boolean
}

/** A conversation's messages, anchored at the newest; older ones load on scrolling up. */
export function Timeline({ conversation, timeline, chosen, marksRead }: Props) {
  const [openedAtSeq] = useState(() => lastSeqOf(timeline))
  const rows = useMemo(() => timelineRows(timeline, openedAtSeq), [timeline, openedAtSeq])
  const scroll = useTimelineScroll(rows, timeline, marksRead)
  const menu = useMessageMenu()

  return (
    <div className={styles.place}>
      <section
        ref={scroll.scroller}
        className={styles.scroller}
        role="log"
        aria-live="off"
        aria-label={t`Messages with ${{ name: titleOf(conversation) }}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
        tabIndex={0}
        onKeyDown={moveFocus('[data-message-actions]')}
      >
        <div className={styles.above} aria-hidden={!timeline.loadingOlder}>
          {timeline.loadingOlder && t`Loading older messages…`}
        </div>
        <Virtualizer
          ref={scroll.list}
          data={rows}
          scrollRef={scroll.scroller}
          shift={scroll.isPrepending}
          startMargin={ABOVE_PX}
          as="ol"
          item="li"
          onScroll={scroll.onScroll}
          onResize={scroll.onResize}
        >
          {(row) => (
            <Boundary key={row.key} failure={failureOf(row)} isLine of={[row]}>
              <TimelineLine
                row={row}
                conversation={conversation}
                chosen={chosen}
                onActions={menu.open}
              />
            </Boundary>
          )}
        </Virtualizer>
      </section>
      {scroll.isAtEnd === false && (
        <button type="button" className={styles.newest} onClick={scroll.toEnd}>
          <span>
            <Trans>Latest messages</Trans>
          </span>
          <Icon name="forward" size={16} />
        </button>
      )}
      <MessageMenu conversationId={conversation.id} chosen={menu.chosen} onClose={menu.close} />
    </div>
  )
}

const failureOf = ({ kind }: TimelineRow): string =>
  kind === 'message' ? t`This message can’t be shown.` : t`This line can’t be shown.`

/** The height of `.above` in the style sheet. */
const ABOVE_PX = 32
