import type { ServerView } from '@sotto/sdk'
import { bytesInWords } from '../../ui/moments.ts'
import styles from './server-view.module.css'
import { textSizeRange } from './text-size-range.ts'

/** What somebody with the server's table can and cannot work out from this message. */
export function Inferences({ view }: { view: ServerView }) {
  const [least, most] = textSizeRange(view.plaintext)
  return (
    <div className={styles.block}>
      <h4>What can be worked out from that</h4>
      <ul className={styles.list}>
        <li>Which account wrote it, from which device, and who else is in the conversation.</li>
        <li>When it arrived, how many came before it, and when it was delivered and read.</li>
        <li>
          That the text has{' '}
          {least === 1
            ? `at most about ${bytesInWords(most)}`
            : `about ${bytesInWords(least)} to ${bytesInWords(most)}`}
          : messages are filled up to one of eight sizes.
        </li>
        <li>The network address of the device while it is connected.</li>
      </ul>
      <h4>What cannot</h4>
      <ul className={styles.list}>
        <li>The text, its language, links or emoji in it, or whether two messages say the same.</li>
      </ul>
    </div>
  )
}
