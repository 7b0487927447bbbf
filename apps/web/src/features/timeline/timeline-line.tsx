import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationSummary, Message } from '@sotto/sdk'
import type { EnvelopeId } from '@sotto/wire'
import { dayName } from '../../ui/text/moments.ts'
import { nameIn } from '../conversations/participants.ts'
import { MessageBubble } from './messages/message-bubble.tsx'
import styles from './timeline.module.css'
import { NoticeRow } from './timeline-notice.tsx'
import type { TimelineRow } from './timeline-rows.ts'

interface Props {
  readonly row: TimelineRow
  readonly conversation: ConversationSummary
  readonly chosen: EnvelopeId | null
  readonly onActions: (message: Message, anchor: HTMLElement) => void
}

/** One line of the timeline. */
export function TimelineLine({ row, conversation, chosen, onActions }: Props) {
  switch (row.kind) {
    case 'day':
      return (
        <h2 className={styles.day}>
          <span>{dayName(row.at)}</span>
        </h2>
      )
    case 'unread':
      return (
        <p className={styles.unread}>
          <span>
            <Trans>New</Trans>
          </span>
        </p>
      )
    case 'notice':
      return <NoticeRow notice={row.notice} count={row.count} conversation={conversation} />
    case 'message':
      return (
        <MessageBubble
          message={row.message}
          startsGroup={row.startsGroup}
          endsGroup={row.endsGroup}
          author={row.message.mine ? t`You` : nameIn(conversation, row.message.sender)}
          isChosen={row.message.id === chosen}
          onActions={onActions}
        />
      )
  }
}
