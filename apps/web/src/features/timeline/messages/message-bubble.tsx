import { t } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import type { Message } from '@sotto/sdk'
import { type MouseEvent, memo } from 'react'
import { IconButton } from '../../../ui/buttons/button.tsx'
import { exactTimeOf, timeOf } from '../../../ui/text/moments.ts'
import { MessageText } from '../text/message-text.tsx'
import { isEmojiOnly } from '../text/text-size.ts'
import { lineOf } from './content-line.ts'
import { DeliveryMark } from './delivery-mark.tsx'
import { FailedMessage } from './failed-message.tsx'
import styles from './message-bubble.module.css'

interface Props {
  readonly message: Message
  readonly startsGroup: boolean
  readonly endsGroup: boolean
  /** The sender, for people who can't see which side the bubble is on. */
  readonly author: string
  readonly isChosen: boolean
  readonly onActions: (message: Message, anchor: HTMLElement) => void
}

/** One message. Knows nothing of keys, sockets or storage: what it shows is already decrypted. */
export const MessageBubble = memo(function MessageBubble(props: Props) {
  const { message, startsGroup, endsGroup, author, isChosen, onActions } = props
  const { mine, status, at } = message
  const text = lineOf(message)
  // Renders again when the language changes.
  useLingui()
  const openMenu = (event: MouseEvent<HTMLElement>) => {
    // A right click or long press on selected text or on a link opens the browser's own menu.
    if (getSelection()?.toString() || (event.target as Element).closest('a')) return
    event.preventDefault()
    onActions(message, event.currentTarget)
  }
  return (
    <article
      className={styles.row}
      data-mine={mine}
      data-ends={endsGroup}
      data-status={status}
      data-chosen={isChosen}
      data-testid="message"
      aria-label={`${author}, ${timeOf(at)}`}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button beside it does the same */}
      <div
        className={styles.bubble}
        data-starts={startsGroup}
        data-ends={endsGroup}
        data-emoji={isEmojiOnly(text)}
        title={exactTimeOf(at)}
        onContextMenu={openMenu}
      >
        <MessageText text={text} />
      </div>
      <IconButton
        icon="more"
        label={t`Message actions`}
        className={styles.more}
        data-message-actions
        onClick={(event) => onActions(message, event.currentTarget)}
      />
      {status === 'failed' && <FailedMessage failure={message.failure} />}
      {endsGroup && status !== 'failed' && (
        <span className={styles.meta}>
          <time>{timeOf(at)}</time>
          {mine && <DeliveryMark status={status} />}
        </span>
      )}
    </article>
  )
})
