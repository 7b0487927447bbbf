import { useCommand } from '../../client/use-command.ts'
import { useConnection, useStorage } from '../../client/use-view.ts'
import styles from './connection-banner.module.css'

const NONE = 'No connection. What you write is kept and sent as soon as there is one.'
const words = {
  offline: NONE,
  connecting: NONE,
  catching_up: 'Not up to date yet. Messages that came meanwhile are being fetched.',
} as const

/** Says that this device is not up to date, and what that means. A short interruption shows nothing. */
export function ConnectionBanner() {
  const { state } = useConnection()
  // Where nothing can be kept nothing is fetched; the notice of the storage says so.
  const isSaid = useStorage().problem !== null && state === 'catching_up'
  const reconnect = useCommand((commands) => commands.reconnect())
  // One element for all attempts: the time until it shows begins with the first.
  return (
    <div role="status" className={styles.place}>
      {state !== 'online' && !isSaid && (
        <div className={styles.banner}>
          <p>{words[state]}</p>
          <button type="button" onClick={() => reconnect.run()}>
            {state === 'connecting' ? 'Trying …' : 'Try now'}
          </button>
        </div>
      )}
    </div>
  )
}
