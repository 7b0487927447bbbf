import { useSession } from '../../client/use-view.ts'
import { hrefOf } from '../../routes.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { RenewedKeysNotice } from './renewed-keys-notice.tsx'
import styles from './top-notice.module.css'

/** Says that others are shown another key for this account than the one that is here. */
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
        title="Others are shown another key for you than the one in this browser."
      >
        <p>
          If you started with new keys on another device, log in here again. If you did not,
          somebody or this server pretends to be you: call the people you write with, and warn them.
        </p>
        <div>
          <LinkButton href={hrefOf({ at: 'settings', page: 'devices' })}>
            Devices and sessions
          </LinkButton>
        </div>
      </Notice>
    </div>
  )
}
