import { i18n, type MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { MessageStatus } from '@sotto/sdk'
import { Icon, type IconName } from '../../../ui/icons/icon.tsx'
import styles from './delivery-mark.module.css'

const marks: Record<MessageStatus, { icon: IconName; message: MessageDescriptor }> = {
  waiting: { icon: 'waiting', message: msg`Waiting to send` },
  accepted: { icon: 'accepted', message: msg`Sent` },
  delivered: { icon: 'delivered', message: msg`Delivered` },
  read: { icon: 'read', message: msg`Read` },
  failed: { icon: 'failed', message: msg`Not sent` },
}

/** The delivery status of our message. */
export function DeliveryMark({ status }: { status: MessageStatus }) {
  const { icon, message } = marks[status]
  const words = i18n._(message)
  return (
    <span className={styles.mark} data-mark={status} role="img" aria-label={words} title={words}>
      <Icon name={icon} size={14} />
    </span>
  )
}
