import type { MessageStatus } from '@sotto/sdk'
import { Icon, type IconName } from '../../ui/icon.tsx'
import styles from './delivery-mark.module.css'

const marks: Record<MessageStatus, { icon: IconName; words: string }> = {
  waiting: { icon: 'waiting', words: 'Waiting to be sent' },
  accepted: { icon: 'accepted', words: 'Accepted by the server' },
  delivered: { icon: 'delivered', words: 'Delivered' },
  read: { icon: 'read', words: 'Read' },
  failed: { icon: 'failed', words: 'Not sent' },
}

/** How far an own message has got. */
export function DeliveryMark({ status }: { status: MessageStatus }) {
  const { icon, words } = marks[status]
  return (
    <span className={styles.mark} data-mark={status} role="img" aria-label={words} title={words}>
      <Icon name={icon} size={14} />
    </span>
  )
}
