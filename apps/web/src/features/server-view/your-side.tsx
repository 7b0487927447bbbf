import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationSummary, Message, ServerView } from '@sotto/sdk'
import { bytesInWords, exactTimeOf } from '../../ui/text/moments.ts'
import { utf8Bytes } from '../composer/utf8-bytes.ts'
import { nameIn } from '../conversations/participants.ts'
import { PeopleNames } from '../conversations/people-names.tsx'
import { MessageText } from '../timeline/text/message-text.tsx'
import styles from './server-view.module.css'

interface Props {
  readonly view: ServerView
  readonly message: Message | undefined
  readonly conversation: ConversationSummary
}

/** The message as the participants see it. */
export function YourSide({ view, message, conversation }: Props) {
  const author = message?.mine === false ? nameIn(conversation, message.sender) : t`You`
  return (
    <section className={styles.side} aria-label={t`What you see`}>
      <h3>
        <Trans>
          What you and <PeopleNames people={conversation.participants} /> see
        </Trans>
      </h3>
      <div className={styles.plain} data-mine={message?.mine ?? true}>
        <MessageText text={view.plaintext} />
      </div>
      <dl className={styles.facts}>
        <dt>
          <Trans>Written by</Trans>
        </dt>
        <dd>
          <bdi>{author}</bdi>
        </dd>
        {message && (
          <>
            <dt>
              <Trans>At</Trans>
            </dt>
            <dd>{exactTimeOf(message.at)}</dd>
          </>
        )}
        <dt>
          <Trans>Text</Trans>
        </dt>
        <dd>{bytesInWords(utf8Bytes(view.plaintext))}</dd>
      </dl>
    </section>
  )
}
