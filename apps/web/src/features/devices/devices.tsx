import type { OwnDevice, SessionInfo } from '@sotto/sdk'
import { type ReactNode, useState } from 'react'
import { shownDeviceName } from '../../client/device-name.ts'
import { useCommand, useLoaded } from '../../client/use-command.ts'
import { useMe } from '../../client/use-view.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog, DialogActions } from '../../ui/dialog.tsx'
import { Actions } from '../../ui/form.tsx'
import { Icon } from '../../ui/icon.tsx'
import { exactTimeOf, shortMoment } from '../../ui/moments.ts'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import { Tag } from '../../ui/tag.tsx'
import styles from '../settings/settings.module.css'

/** With the name that is shown: the one in its credential may not open. */
type ShownDevice = OwnDevice & { readonly name: string }
type Ending = { device: ShownDevice } | { stolen: ShownDevice } | { logIn: SessionInfo }

/** The devices of the account, other log-ins, and the end of any of that. */
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
          <Notice tone="ok" title={`Your keys were renewed here, ${shortMoment(renewedAt)}.`}>
            <p>
              All other devices were logged out, and what they write does not count. Log in again on
              those that are yours and enter the new recovery code.
            </p>
          </Notice>
        )}
        <p className={styles.quiet}>
          Each of these can read and write for you: your own key has signed for it. Remove what you
          do not know.
        </p>
        <ul className={styles.rows} aria-label="Devices">
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
          <h2>Log-ins without your keys</h2>
          <p className={styles.quiet}>
            Somebody has logged in to your account there and has not unlocked it: they can neither
            read a message nor write one. End what you do not know.
          </p>
          <ul className={styles.rows} aria-label="Log-ins without your keys">
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
      words={`Added ${shortMoment(signedAt)}, ${lastUsed(lastUsedAt)}`}
      below={
        !current && (
          <Actions>
            <Button onClick={onRemove} aria-label={`Remove ${name}`}>
              Remove
            </Button>
            <Button onClick={onStolen} aria-label={`This device was stolen: ${name}`}>
              This device was stolen
            </Button>
          </Actions>
        )
      }
    >
      {isNew && <Tag tone="warn">new</Tag>}
      {current && (
        <Tag tone="ok" icon="accepted">
          this one
        </Tag>
      )}
    </Row>
  )
}

const lastUsed = (at: number | null) =>
  at === null ? 'logged out' : `last used ${shortMoment(at)}`

function LogInRow({ logIn, onEnd }: { logIn: SessionInfo; onEnd: () => void }) {
  const { startedAt, lastUsedAt } = logIn
  const name = `Logged in ${shortMoment(startedAt)}`
  return (
    <Row name={name} title={exactTimeOf(startedAt)} words={`Last used ${shortMoment(lastUsedAt)}`}>
      <Button onClick={onEnd} aria-label={`End the log-in of ${exactTimeOf(startedAt)}`}>
        End
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

/** Says what renewing the keys will do, and does all of it. The new recovery code is the next page. */
function Stolen({ device, onClose }: { device: ShownDevice; onClose: () => void }) {
  const { hasPassword } = useMe()
  const renew = useCommand((commands) => commands.deviceStolen(device.deviceId))
  return (
    <Dialog open onClose={onClose} title="Was this device stolen?">
      <p>
        Whoever has <bdi>{device.name}</bdi> may have your keys. You get new ones and a new recovery
        code, and every device but this one is logged out. The people you write with are told, and
        need not compare safety numbers again.
      </p>
      {hasPassword && <p>Your password is removed as well: it may be stored on that device.</p>}
      <FailureNotice failure={renew.failure} />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={renew.busy} onClick={() => renew.run()}>
          Renew my keys
        </Button>
      </DialogActions>
    </Dialog>
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
    <Dialog open onClose={onClose} title={isDevice ? 'Remove this device?' : 'End this log-in?'}>
      <p>
        {isDevice ? (
          <>
            <bdi>{ending.device.name}</bdi> is logged out within seconds, and nothing that it writes
            counts any more. Messages it has already received stay on it.
          </>
        ) : (
          <>The log-in of {exactTimeOf(ending.logIn.startedAt)} ends within seconds.</>
        )}
      </p>
      <FailureNotice failure={end.failure} />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={end.busy} onClick={() => end.run()}>
          {isDevice ? 'Remove' : 'End log-in'}
        </Button>
      </DialogActions>
    </Dialog>
  )
}
