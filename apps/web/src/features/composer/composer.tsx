import { i18n } from '@lingui/core'
import { t } from '@lingui/core/macro'
import type { ConversationSummary } from '@sotto/sdk'
import { MAX_TEXT_BYTES } from '@sotto/wire'
import { type KeyboardEvent, useId, useRef } from 'react'
import { IconButton } from '../../ui/buttons/button.tsx'
import { isComposing } from '../../ui/keyboard/composing.ts'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { titleOf } from '../conversations/participants.ts'
import styles from './composer.module.css'
import { useEnterKey, useKindOfDevice } from './enter-key.ts'
import { useSending } from './use-sending.ts'
import { useTypingNotice } from './use-typing-notice.ts'

/** Where messages are written. Ctrl+Enter or Cmd+Enter always sends, Shift+Enter never does. */
export function Composer({ conversation }: { conversation: ConversationSummary }) {
  const { id, state } = conversation
  const { text, write, bytes, isSendable, failure, send } = useSending(id, conversation.draft)
  const [enter] = useEnterKey(useKindOfDevice())
  const announceTyping = useTypingNotice(id, state === 'open')
  const area = useRef<HTMLTextAreaElement>(null)
  const sizeId = useId()

  const submit = () => {
    area.current?.focus()
    void send()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return
    if (enter === 'new-line' && !event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    submit()
  }
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <FailureNotice failure={failure} />
      <div className={styles.line}>
        <textarea
          ref={area}
          dir="auto"
          rows={1}
          aria-label={t`Message to ${{ name: titleOf(conversation) }}`}
          aria-describedby={sizeId}
          placeholder={t`Message`}
          enterKeyHint={enter === 'sends' ? 'send' : 'enter'}
          value={text}
          onChange={(event) => {
            write(event.target.value)
            if (event.target.value !== '') announceTyping()
          }}
          onKeyDown={onKeyDown}
        />
        <IconButton
          icon="send"
          label={t`Send`}
          type="submit"
          className={styles.send}
          disabled={!isSendable}
        />
      </div>
      <SizeNote id={sizeId} bytes={bytes} />
    </form>
  )
}

/** Shows how much of a message's size limit is used, once it is nearly reached. */
function SizeNote({ id, bytes }: { id: string; bytes: number }) {
  const isOver = bytes > MAX_TEXT_BYTES
  const used = i18n.number(bytes / 1024, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return (
    <p id={id} className={styles.size} data-over={isOver} aria-live="polite">
      {isOver && t`${used} of 64 KB. Shorten it, or send it in parts.`}
      {!isOver && bytes > MAX_TEXT_BYTES * 0.75 && t`${used} of 64 KB`}
    </p>
  )
}
