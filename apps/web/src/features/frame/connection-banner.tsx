import { i18n } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'
import { useCommand } from '../../client/hooks/use-command.ts'
import { useConnection, useStorage } from '../../client/hooks/use-view.ts'
import styles from './connection-banner.module.css'

const offline = msg`No connection. Your messages are saved and will be sent when you’re back online.`
const words = {
  offline,
  connecting: offline,
  catching_up: msg`Catching up. New messages are on their way.`,
} as const

/** Says that this device isn't up to date, and what that means. A short interruption shows nothing. */
export function ConnectionBanner() {
  const { state } = useConnection()
  // If nothing can be stored, nothing is fetched; the storage notice says so.
  const isSaid = useStorage().problem !== null && state === 'catching_up'
  const reconnect = useCommand((commands) => commands.reconnect())
  // One element for all attempts, so that the delay before it appears starts with the first.
  return (
    <div role="status" className={styles.place}>
      {state !== 'online' && !isSaid && (
        <div className={styles.banner}>
          <p>{i18n._(words[state])}</p>
          <button type="button" onClick={() => reconnect.run()}>
            {state === 'connecting' ? t`Connecting…` : t`Try now`}
          </button>
        </div>
      )}
    </div>
  )
}
