import { shownDeviceName } from '../../client/device-name.ts'
import { useCommand } from '../../client/use-command.ts'
import { useSession } from '../../client/use-view.ts'
import { hrefOf } from '../../routes.ts'
import { Button, LinkButton } from '../../ui/button.tsx'
import { exactTimeOf } from '../../ui/moments.ts'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import styles from './top-notice.module.css'

/** Tells of each new device of the own account, until the person has seen it. */
export function NewDeviceBanner() {
  const session = useSession()
  const newDevices = session.stage === 'ready' ? session.me.newDevices : []
  const seen = useCommand((commands) =>
    commands.devicesSeen(newDevices.map(({ deviceId }) => deviceId)),
  )
  const isOne = newDevices.length === 1
  return (
    // There before what it says, or a screen reader would not read it out.
    <div role="status">
      {newDevices.length > 0 && (
        <div className={styles.banner}>
          <Notice
            tone="warn"
            title={
              isOne
                ? 'A new device reads and writes for you.'
                : 'New devices read and write for you.'
            }
          >
            {newDevices.map(({ deviceId, name, signedAt }) => (
              <p key={deviceId}>
                <bdi>{shownDeviceName(name)}</bdi>, added {exactTimeOf(signedAt)}.
              </p>
            ))}
            <p>If that was not you, remove {isOne ? 'it' : 'them'} at once.</p>
            <FailureNotice failure={seen.failure} />
            <div className={styles.actions}>
              <Button busy={seen.busy} onClick={() => seen.run()}>
                That was me
              </Button>
              <LinkButton href={hrefOf({ at: 'settings', page: 'devices' })}>
                Look at my devices
              </LinkButton>
            </div>
          </Notice>
        </div>
      )}
    </div>
  )
}
