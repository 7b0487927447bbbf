import type { ConversationSummary } from '@sotto/sdk'
import { MAX_TEXT_BYTES } from '@sotto/wire'
import { type KeyboardEvent, useId, useRef } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import styles from './composer.module.css'
import { useSending } from './use-sending.ts'
import { useTypingNotice } from './use-typing-notice.ts'

/** Where a message is written. Enter sends, Shift and Enter begin a new line. */
export function Composer({ conversation }: { conversation: ConversationSummary }) {
  const { id, peer, state } = conversation
  const { text, write, bytes, isSendable, failure, send } = useSending(id, conversation.draft)
  const announceTyping = useTypingNotice(id, state === 'open')
  const area = useRef<HTMLTextAreaElement>(null)
  const sizeId = useId()

  const submit = () => {
    area.current?.focus()
    void send()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // During composition Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
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
          aria-label={`Message to ${peer.name}`}
          aria-describedby={sizeId}
          placeholder="Message"
          enterKeyHint="send"
          value={text}
          onChange={(event) => {
            write(event.target.value)
            if (event.target.value !== '') announceTyping()
          }}
          onKeyDown={onKeyDown}
        />
        <IconButton
          icon="send"
          label="Send"
          type="submit"
          className={styles.send}
          disabled={!isSendable}
        />
      </div>
      <SizeNote id={sizeId} bytes={bytes} />
    </form>
  )
}

/** How much of a message's room is used, once it is nearly full. */
function SizeNote({ id, bytes }: { id: string; bytes: number }) {
  const isOver = bytes > MAX_TEXT_BYTES
  return (
    <p id={id} className={styles.size} data-over={isOver} aria-live="polite">
      {bytes > MAX_TEXT_BYTES * 0.75 && `${(bytes / 1024).toFixed(1)} of 64 KB`}
      {isOver && '. Shorten it, or send it in parts.'}
    </p>
  )
}
