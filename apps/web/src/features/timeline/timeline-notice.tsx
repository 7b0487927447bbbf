import type { ConversationSummary, TimelineNotice } from '@sotto/sdk'
import { Icon } from '../../ui/icons/icon.tsx'
import { noticeWords } from './notice-words.tsx'
import styles from './timeline-notice.module.css'

/** A notice that the person must see in place of a message. */
export function NoticeRow({
  notice,
  count,
  conversation,
}: {
  notice: TimelineNotice
  count: number
  conversation: ConversationSummary
}) {
  const { what, next, isAlarm } = noticeWords(notice, count, conversation)
  return (
    <div className={styles.notice} data-alarm={isAlarm} data-testid={`notice-${notice.kind}`}>
      <Icon name={isAlarm ? 'warning' : 'key'} size={16} />
      <p>
        <strong>{what}</strong> {next}
      </p>
    </div>
  )
}
