import type { SessionInfo } from '@sotto/sdk'
import { useState } from 'react'
import { useCommand, useLoaded } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog, DialogActions } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { exactTimeOf, shortMoment } from '../../ui/moments.ts'
import { FailureNotice } from '../../ui/notice.tsx'
import { Tag } from '../../ui/tag.tsx'
import styles from '../settings/settings.module.css'

/** Where the account is logged in, and the end of any of that. */
export function Devices() {
  const sessions = useLoaded('sessions', (commands) => commands.listSessions())
  const [ending, setEnding] = useState<SessionInfo | null>(null)
  if (sessions.state === 'loading') return <p aria-busy="true" />
  if (sessions.state === 'failed') return <FailureNotice failure={sessions.failure} />
  return (
    <>
      <p className={styles.quiet}>
        Each line is a browser or program that can read and write for you. End what you do not know.
      </p>
      <ul className={styles.rows} aria-label="Sessions">
        {sessions.value.map((session) => (
          <SessionRow key={session.sessionId} session={session} onEnd={setEnding} />
        ))}
      </ul>
      {ending && (
        <EndSession session={ending} onClose={() => setEnding(null)} onEnded={sessions.reload} />
      )}
    </>
  )
}

function SessionRow({
  session,
  onEnd,
}: {
  session: SessionInfo
  onEnd: (session: SessionInfo) => void
}) {
  const { deviceName, startedAt, lastUsedAt, current } = session
  return (
    <li className={styles.row}>
      <Icon name="devices" />
      <span className={styles.words}>
        <strong>
          <bdi>{deviceName}</bdi>
        </strong>
        <small title={exactTimeOf(lastUsedAt)}>
          Last used {shortMoment(lastUsedAt)}, logged in {shortMoment(startedAt)}
        </small>
      </span>
      {current ? (
        <Tag tone="ok" icon="accepted">
          this one
        </Tag>
      ) : (
        <Button onClick={() => onEnd(session)} aria-label={`End session on ${deviceName}`}>
          End
        </Button>
      )}
    </li>
  )
}

function EndSession({
  session,
  onClose,
  onEnded,
}: {
  session: SessionInfo
  onClose: () => void
  onEnded: () => void
}) {
  const end = useCommand(async (commands) => {
    await commands.endSession(session.sessionId)
    onClose()
    onEnded()
  })
  return (
    <Dialog open onClose={onClose} title="End this session?">
      <p>
        <bdi>{session.deviceName}</bdi> is logged out within seconds. Messages it has already
        received stay on it.
      </p>
      <FailureNotice failure={end.failure} />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={end.busy} onClick={() => end.run()}>
          End session
        </Button>
      </DialogActions>
    </Dialog>
  )
}
