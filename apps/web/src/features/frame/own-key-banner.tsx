import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSession } from '../../client/hooks/use-view.ts'
import { hrefOf } from '../../routes.ts'
import { LinkButton } from '../../ui/buttons/button.tsx'
import { Notice } from '../../ui/notices/notice.tsx'
import { RenewedKeysNotice } from '../recovery/renewed-keys-notice.tsx'
import styles from './top-notice.module.css'

/** Warns that others are shown a different key for this account than the one here. */
export function OwnKeyBanner() {
  const session = useSession()
  if (session.stage !== 'ready' || session.warning !== 'own_key_replaced') return null
  if (session.renewed) {
    return (
      <div role="alert" className={styles.banner}>
        <RenewedKeysNotice renewed={session.renewed} />
      </div>
    )
  }
  return (
    <div role="alert" className={styles.banner}>
      <Notice
        tone="danger"
        title={t`Others see a different key for you than the one in this browser.`}
      >
        <p>
          <Trans>
            If you started with new keys on another device, log in here again. If you didn’t,
            someone, or this server, is pretending to be you. Call the people you message and warn
            them.
          </Trans>
        </p>
        <div>
          <LinkButton href={hrefOf({ at: 'settings', page: 'devices' })}>
            <Trans>Devices and sessions</Trans>
          </LinkButton>
        </div>
      </Notice>
    </div>
  )
}
