import type { MissingReason } from '../load-code.ts'
import styles from './boundary.module.css'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'

interface Props {
  readonly reason: MissingReason
  readonly onAgain: () => void
}

/** Says that a part of the app could not be loaded. The page is loaded again only when somebody asks for it. */
export function MissingPart({ reason, onAgain }: Props) {
  const reload = () => location.reload()
  if (reason === 'updated') {
    return (
      <Notice tone="plain" icon="retry" title="There is a new version of Sotto.">
        <p>
          The server was updated, and this page is still the old one. Load it again to go on. What
          you have written is kept.
        </p>
        <div className={styles.ways}>
          <Button look="main" onClick={reload}>
            Load the page again
          </Button>
        </div>
      </Notice>
    )
  }
  return (
    <Notice tone="warn" title="A part of Sotto could not be loaded.">
      <p>Check your connection and try again. What you have written is kept.</p>
      <div className={styles.ways}>
        <Button look="main" onClick={onAgain}>
          Try again
        </Button>
        <Button onClick={reload}>Load the page again</Button>
      </div>
    </Notice>
  )
}
