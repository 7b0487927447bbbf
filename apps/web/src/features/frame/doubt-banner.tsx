import { useState } from 'react'
import { useDoubt } from '../../client/use-view.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { isNewDoubt } from './is-new-doubt.ts'
import styles from './top-notice.module.css'

/** Says that the server gave an answer that cannot be right, until the person has read it. */
export function DoubtBanner() {
  const { untrustedAt, unknownProtocols } = useDoubt()
  const unknown = unknownProtocols.join(', ')
  const [seen, setSeen] = useState('')
  const [dismissed, setDismissed] = useState<number | null>(null)
  return (
    // There before what it says, or a screen reader would not read it out.
    <div role="status">
      {isNewDoubt(untrustedAt, dismissed) && (
        <div className={styles.banner}>
          <Notice tone="warn" title="The server gave an answer that does not add up.">
            <p>
              It was not used: what is shown here stays as it was. But something may be missing. The
              server may have a fault, or somebody may be tampering with it. If this comes again,
              tell whoever runs the server.
            </p>
            <div>
              <Button onClick={() => setDismissed(untrustedAt)}>Dismiss</Button>
            </div>
          </Notice>
        </div>
      )}
      {unknown !== seen && (
        <div className={styles.banner}>
          <Notice tone="warn" title="A conversation is not shown.">
            <p>
              It uses a protocol that this version of Sotto does not know: {unknown}. Load the page
              again to get the newest version.
            </p>
            <div>
              <Button onClick={() => setSeen(unknown)}>Dismiss</Button>
            </div>
          </Notice>
        </div>
      )}
    </div>
  )
}
