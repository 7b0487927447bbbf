import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import { useDoubt } from '../../client/hooks/use-view.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Notice } from '../../ui/notices/notice.tsx'
import { isNewDoubt } from './is-new-doubt.ts'
import styles from './top-notice.module.css'

/** Says that the server gave an impossible answer, until the person dismisses it. */
export function DoubtBanner() {
  const { untrustedAt, unknownProtocols } = useDoubt()
  const unknown = unknownProtocols.join(', ')
  const [seen, setSeen] = useState('')
  const [dismissed, setDismissed] = useState<number | null>(null)
  return (
    // Rendered before its content, because a screen reader wouldn't announce it otherwise.
    <div role="status">
      {isNewDoubt(untrustedAt, dismissed) && (
        <div className={styles.banner}>
          <Notice tone="warn" title={t`The server’s answer didn’t check out, so we ignored it.`}>
            <p>
              <Trans>
                Nothing shown here has changed, but something may be missing. The server may have a
                fault, or someone may be tampering with it. If this happens again, tell the people
                who run the server.
              </Trans>
            </p>
            <div>
              <Button onClick={() => setDismissed(untrustedAt)}>
                <Trans>Dismiss</Trans>
              </Button>
            </div>
          </Notice>
        </div>
      )}
      {unknown !== seen && (
        <div className={styles.banner}>
          <Notice tone="warn" title={t`A conversation can’t be shown.`}>
            <p>
              <Trans>
                It uses a protocol this version of Sotto doesn’t support: {unknown}. Reload the page
                to get the latest version.
              </Trans>
            </p>
            <div>
              <Button onClick={() => setSeen(unknown)}>
                <Trans>Dismiss</Trans>
              </Button>
            </div>
          </Notice>
        </div>
      )}
    </div>
  )
}
