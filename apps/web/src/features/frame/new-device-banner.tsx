import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { shownDeviceName } from '../../client/device-name.ts'
import { useCommand } from '../../client/hooks/use-command.ts'
import { useSession } from '../../client/hooks/use-view.ts'
import { hrefOf } from '../../routes.ts'
import { Button, LinkButton } from '../../ui/buttons/button.tsx'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { exactTimeOf } from '../../ui/text/moments.ts'
import styles from './top-notice.module.css'

function Added({ name, moment }: { name: string; moment: string }) {
  return (
    <Trans>
      <bdi>{name}</bdi>, added {moment}.
    </Trans>
  )
}

/** Announces each new device of our account until the person has seen it. */
export function NewDeviceBanner() {
  const session = useSession()
  const newDevices = session.stage === 'ready' ? session.me.newDevices : []
  const seen = useCommand((commands) =>
    commands.devicesSeen(newDevices.map(({ deviceId }) => deviceId)),
  )
  const isOne = newDevices.length === 1
  return (
    // Rendered before its content, because a screen reader wouldn't announce it otherwise.
    <div role="status">
      {newDevices.length > 0 && (
        <div className={styles.banner}>
          <Notice
            tone="warn"
            title={
              isOne
                ? t`A new device can read and send your messages.`
                : t`New devices can read and send your messages.`
            }
          >
            {newDevices.map(({ deviceId, name, signedAt }) => (
              <p key={deviceId}>
                <Added name={shownDeviceName(name)} moment={exactTimeOf(signedAt)} />
              </p>
            ))}
            <p>
              {isOne
                ? t`If this wasn’t you, remove it right away.`
                : t`If this wasn’t you, remove them right away.`}
            </p>
            <FailureNotice failure={seen.failure} />
            <div className={styles.actions}>
              <Button busy={seen.busy} onClick={() => seen.run()}>
                <Trans>It was me</Trans>
              </Button>
              <LinkButton href={hrefOf({ at: 'settings', page: 'devices' })}>
                <Trans>Review my devices</Trans>
              </LinkButton>
            </div>
          </Notice>
        </div>
      )}
    </div>
  )
}
