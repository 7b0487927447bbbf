import { Trans } from '@lingui/react/macro'
import type { ServerView } from '@sotto/sdk'
import { bytesInWords } from '../../ui/text/moments.ts'
import styles from './server-view.module.css'
import { textSizeRange } from './text-size-range.ts'

/** What someone with access to the server's table can and can't infer from this message. */
export function Inferences({ view }: { view: ServerView }) {
  const [least, most] = textSizeRange(view.plaintext)
  const [shortest, longest] = [bytesInWords(least), bytesInWords(most)]
  return (
    <div className={styles.block}>
      <h4>
        <Trans>What the server can work out</Trans>
      </h4>
      <ul className={styles.list}>
        <li>
          <Trans>
            Which account wrote it, from which device, and who else is in the conversation.
          </Trans>
        </li>
        <li>
          <Trans>
            When it arrived, how many messages came before it, and when it was delivered and read.
          </Trans>
        </li>
        <li>
          {least === 1 ? (
            <Trans>
              That the text is at most about {longest} long, because messages are padded to one of
              eight sizes.
            </Trans>
          ) : (
            <Trans>
              That the text is about {shortest} to {longest} long, because messages are padded to
              one of eight sizes.
            </Trans>
          )}
        </li>
        <li>
          <Trans>The device’s network address while it’s connected.</Trans>
        </li>
      </ul>
      <h4>
        <Trans>What it can’t</Trans>
      </h4>
      <ul className={styles.list}>
        <li>
          <Trans>
            The text, its language, any links or emoji in it, or whether two messages say the same
            thing.
          </Trans>
        </li>
      </ul>
    </div>
  )
}
