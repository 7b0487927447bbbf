import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { MissingReason } from '../../load-code.ts'
import { Button } from '../buttons/button.tsx'
import styles from './boundary.module.css'
import { Notice } from './notice-box.tsx'

interface Props {
  readonly reason: MissingReason
  readonly onAgain: () => void
}

/** Says that a part of the app couldn't be loaded. The page is reloaded only on request. */
export function MissingPart({ reason, onAgain }: Props) {
  const reload = () => location.reload()
  if (reason === 'updated') {
    return (
      <Notice tone="plain" icon="retry" title={t`A new version of Sotto is ready.`}>
        <p>
          <Trans>
            The server was updated while this page was open. Reload to continue. Anything you’ve
            written is saved.
          </Trans>
        </p>
        <div className={styles.ways}>
          <Button look="main" onClick={reload}>
            <Trans>Reload</Trans>
          </Button>
        </div>
      </Notice>
    )
  }
  return (
    <Notice tone="warn" title={t`Part of Sotto couldn’t be loaded.`}>
      <p>
        <Trans>Check your connection and try again. Anything you’ve written is saved.</Trans>
      </p>
      <div className={styles.ways}>
        <Button look="main" onClick={onAgain}>
          <Trans>Try again</Trans>
        </Button>
        <Button onClick={reload}>
          <Trans>Reload</Trans>
        </Button>
      </div>
    </Notice>
  )
}
