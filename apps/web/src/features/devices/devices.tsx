import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { OwnDevice, SessionInfo } from '@sotto/sdk'
import { type ReactNode, useState } from 'react'
import { shownDeviceName } from '../../client/device-name.ts'
import { useCommand, useLoaded } from '../../client/hooks/use-command.ts'
import { useMe } from '../../client/hooks/use-view.ts'
import styles from '../../layout/sections.module.css'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { Icon } from '../../ui/icons/icon.tsx'
import { Tag } from '../../ui/icons/tag.tsx'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { Dialog, DialogActions } from '../../ui/overlays/dialog.tsx'
import { exactTimeOf, shortMoment } from '../../ui/text/moments.ts'

/** With the name to show, since the one in its credential may not open. */
type ShownDevice = OwnDevice & { readonly name: string }
type Ending = { device: ShownDevice } | { stolen: ShownDevice } | { logIn: SessionInfo }

/** The account's devices and other log-ins, and how to end them. */
export function Devices() {
  const { newDevices, renewedAt } = useMe()
  const loaded = useLoaded(`devices ${newDevices.length}`, (commands) => commands.listDevices())
  const [ending, setEnding] = useState<Ending | null>(null)
  if (loaded.state === 'loading') return <p aria-busy="true" />
  if (loaded.state === 'failed') return <FailureNotice failure={loaded.failure} />
  const { logIns } = loaded.value
  const devices = loaded.value.devices.map((device) => ({
    ...device,
    name: shownDeviceName(device.name),
  }))
  return (
    <>
      <section className={styles.section}>
        {renewedAt !== null && (
          <Notice
            tone="ok"
            title={t`Your keys were renewed here (${{ moment: shortMoment(renewedAt) }}).`}
          >
            <p>
              <Trans>
                All other devices were logged out, and messages they send aren’t accepted. Log in
                again on the ones that are yours and enter the new recovery code.
              </Trans>
            </p>
          </Notice>
        )}
        <p className={styles.quiet}>
          <Trans>
            Each of these devices can read and send your messages, and your key has signed it.
            Remove any you don’t recognize.
          </Trans>
        </p>
        <ul className={styles.rows} aria-label={t`Devices`}>
          {devices.map((device) => (
            <DeviceRow
              key={device.deviceId}
              device={device}
              isNew={newDevices.some(({ deviceId }) => deviceId === device.deviceId)}
              onRemove={() => setEnding({ device })}
              onStolen={() => setEnding({ stolen: device })}
            />
          ))}
        </ul>
      </section>
      {logIns.length > 0 && (
        <section className={styles.section}>
          <h2>
            <Trans>Sessions without your keys</Trans>
          </h2>
          <p className={styles.quiet}>
            <Trans>
              Someone logged in to your account there but hasn’t unlocked it. They can’t read or
              send messages. End any session you don’t recognize.
            </Trans>
          </p>
          <ul className={styles.rows} aria-label={t`Sessions without your keys`}>
            {logIns.map((logIn) => (
              <LogInRow key={logIn.sessionId} logIn={logIn} onEnd={() => setEnding({ logIn })} />
            ))}
          </ul>
        </section>
      )}
      {ending && 'stolen' in ending && (
        <Stolen device={ending.stolen} onClose={() => setEnding(null)} />
      )}
      {ending && !('stolen' in ending) && (
        <End ending={ending} onClose={() => setEnding(null)} onEnded={loaded.reload} />
      )}
    </>
  )
}

function DeviceRow({
  device,
  isNew,
  onRemove,
  onStolen,
}: {
  device: ShownDevice
  isNew: boolean
  onRemove: () => void
  onStolen: () => void
}) {
  const { name, signedAt, lastUsedAt, current } = device
  return (
    <Row
      name={name}
      title={exactTimeOf(signedAt)}
      words={deviceWords(signedAt, lastUsedAt)}
      below={
        !current && (
          <Actions>
            <Button onClick={onRemove} aria-label={t`Remove ${name}`}>
              <Trans>Remove</Trans>
            </Button>
            <Button onClick={onStolen} aria-label={t`This device was stolen: ${name}`}>
              <Trans>This device was stolen</Trans>
            </Button>
          </Actions>
        )
      }
    >
      {isNew && (
        <Tag tone="warn">
          <Trans>new</Trans>
        </Tag>
      )}
      {current && (
        <Tag tone="ok" icon="accepted">
          <Trans>this one</Trans>
        </Tag>
      )}
    </Row>
  )
}

function deviceWords(signedAt: number, lastUsedAt: number | null): string {
  const added = shortMoment(signedAt)
  if (lastUsedAt === null) return t`Added: ${added}. Logged out.`
  return t`Added: ${added}. Last used: ${{ lastUsed: shortMoment(lastUsedAt) }}.`
}

function LogInRow({ logIn, onEnd }: { logIn: SessionInfo; onEnd: () => void }) {
  const { startedAt, lastUsedAt } = logIn
  const [started, lastUsed] = [shortMoment(startedAt), shortMoment(lastUsedAt)]
  const moment = exactTimeOf(startedAt)
  return (
    <Row name={t`Logged in: ${started}`} title={moment} words={t`Last used: ${lastUsed}`}>
      <Button onClick={onEnd} aria-label={t`End session from ${moment}`}>
        <Trans>End</Trans>
      </Button>
    </Row>
  )
}

function Row({
  name,
  title,
  words,
  below,
  children,
}: {
  name: string
  title: string
  words: string
  below?: ReactNode
  children: ReactNode
}) {
  return (
    <li className={styles.row}>
      <Icon name="devices" />
      <div className={styles.words}>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <small title={title}>{words}</small>
        {below}
      </div>
      {children}
    </li>
  )
}

/** Explains what renewing the keys does, and does it. The new recovery code comes on the next page. */
function Stolen({ device, onClose }: { device: ShownDevice; onClose: () => void }) {
  const { hasPassword } = useMe()
  const { name } = device
  const renew = useCommand((commands) => commands.deviceStolen(device.deviceId))
  return (
    <Dialog open onClose={onClose} title={t`Was this device stolen?`}>
      <p>
        <Trans>
          Whoever has <bdi>{name}</bdi> may have your keys. You’ll get new keys and a new recovery
          code, and every other device will be logged out. The people you message will be notified.
          They don’t need to compare safety numbers again.
        </Trans>
      </p>
      {hasPassword && (
        <p>
          <Trans>
            Your password will be removed, too, because it may be stored on that device.
          </Trans>
        </p>
      )}
      <FailureNotice failure={renew.failure} />
      <DialogActions>
        <Button onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button look="danger" busy={renew.busy} onClick={() => renew.run()}>
          <Trans>Renew my keys</Trans>
        </Button>
      </DialogActions>
    </Dialog>
  )
}

function Removal({ name }: { name: string }) {
  return (
    <Trans>
      <bdi>{name}</bdi> will be logged out within seconds, and messages it sends will no longer be
      accepted. Messages it already received stay on it.
    </Trans>
  )
}

function End({
  ending,
  onClose,
  onEnded,
}: {
  ending: Exclude<Ending, { stolen: ShownDevice }>
  onClose: () => void
  onEnded: () => void
}) {
  const isDevice = 'device' in ending
  const end = useCommand(async (commands) => {
    if (isDevice) await commands.removeDevice(ending.device.deviceId)
    else await commands.endSession(ending.logIn.sessionId)
    onClose()
    onEnded()
  })
  return (
    <Dialog open onClose={onClose} title={isDevice ? t`Remove this device?` : t`End this session?`}>
      <p>
        {isDevice ? (
          <Removal name={ending.device.name} />
        ) : (
          t`The session from ${{ moment: exactTimeOf(ending.logIn.startedAt) }} ends within seconds.`
        )}
      </p>
      <FailureNotice failure={end.failure} />
      <DialogActions>
        <Button onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button look="danger" busy={end.busy} onClick={() => end.run()}>
          {isDevice ? t`Remove` : t`End session`}
        </Button>
      </DialogActions>
    </Dialog>
  )
}
