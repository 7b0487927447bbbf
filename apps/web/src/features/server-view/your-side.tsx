import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { Message, ServerView } from '@sotto/sdk'
import { PersonName } from '../../ui/people/person-name.tsx'
import { bytesInWords, exactTimeOf } from '../../ui/text/moments.ts'
import { utf8Bytes } from '../composer/utf8-bytes.ts'
import { MessageText } from '../timeline/text/message-text.tsx'
import styles from './server-view.module.css'

interface Props {
  readonly view: ServerView
  readonly message: Message | undefined
  readonly peer: string
}

/** The message as the two people see it. */
export function YourSide({ view, message, peer }: Props) {
  const author = message?.mine === false ? peer : t`You`
  return (
    <section className={styles.side} aria-label={t`What you see`}>
      <h3>
        <Trans>
          What you and <PersonName name={peer} /> see
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
