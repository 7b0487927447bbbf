import type { TimelineNotice } from '@sotto/sdk'
import { Icon } from '../../ui/icons/icon.tsx'
import { noticeWords } from './notice-words.tsx'
import styles from './timeline-notice.module.css'

/** A notice that the person must see in place of a message. */
export function NoticeRow({
  notice,
  count,
  peer,
}: {
  notice: TimelineNotice
  count: number
  peer: string
}) {
  const { what, next, isAlarm } = noticeWords(notice, count, peer)
  return (
    <div className={styles.notice} data-alarm={isAlarm} data-testid={`notice-${notice.kind}`}>
      <Icon name={isAlarm ? 'warning' : 'key'} size={16} />
      <p>
        <strong>{what}</strong> {next}
      </p>
    </div>
  )
}
