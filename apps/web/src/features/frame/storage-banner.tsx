import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { wordsFor } from '../../client/errors/error-words.ts'
import { useStorage } from '../../client/hooks/use-view.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Notice } from '../../ui/notices/notice.tsx'
import styles from './top-notice.module.css'

/**
 * Says that this browser can no longer store anything, so that nothing new is shown or sent; or that stored records
 * couldn't be read.
 */
export function StorageBanner() {
  const { problem, damaged } = useStorage()
  if (!problem) return damaged > 0 ? <DamagedRecords count={damaged} /> : null
  const { what, next } = wordsFor({ code: problem })
  return (
    <div role="alert" className={styles.banner}>
      <Notice tone="danger" title={what}>
        <p>
          {next} <Trans>Until then, nothing new appears here, and nothing is sent.</Trans>
        </p>
        <div>
          <Button onClick={() => location.reload()}>
            <Trans>Reload</Trans>
          </Button>
        </div>
      </Notice>
    </div>
  )
}

function DamagedRecords({ count }: { count: number }) {
  return (
    <div role="alert" className={styles.banner}>
      <Notice
        tone="warn"
        title={t`${plural(count, {
          one: '# stored record could not be read',
          other: '# stored records could not be read',
        })}`}
      >
        <p>
          <Trans>
            They were set aside, and nothing was deleted. Sotto reloads whatever the server has.
          </Trans>
        </p>
      </Notice>
    </div>
  )
}
