import { Trans } from '@lingui/react/macro'
import type { Message } from '@sotto/sdk'
import { wordsFor } from '../../../client/errors/error-words.ts'
import { DeliveryMark } from './delivery-mark.tsx'
import styles from './message-bubble.module.css'

/** Why a message wasn't sent; its menu offers what to do about it. */
export function FailedMessage({ failure }: { failure: Message['failure'] }) {
  const { what } = wordsFor({ code: failure ?? 'internal' })
  return (
    <span className={styles.failed}>
      <Trans>
        <DeliveryMark status="failed" /> Not sent. {what}
      </Trans>
    </span>
  )
}
