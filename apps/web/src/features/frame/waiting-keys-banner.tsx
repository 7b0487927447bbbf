import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { OwnProfile } from '@sotto/sdk'
import { useCommand } from '../../client/hooks/use-command.ts'
import { useSession } from '../../client/hooks/use-view.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { exactTimeOf } from '../../ui/text/moments.ts'
import styles from './top-notice.module.css'

type Waiting = OwnProfile['waitingKeys'][number]

/** Warns that someone wants to start this account over with new keys, and lets the person stop it. */
export function WaitingKeysBanner() {
  const session = useSession()
  const waiting = session.stage === 'ready' ? session.me.waitingKeys : []
  return waiting.map((one) => <WaitingKeys key={one.identityKey} waiting={one} />)
}

function WaitingKeys({ waiting: { identityKey, askedAt, dueAt } }: { waiting: Waiting }) {
  const [asked, due] = [exactTimeOf(askedAt), exactTimeOf(dueAt)]
  const stop = useCommand((commands) => commands.stopNewKeys(identityKey))
  return (
    <div role="alert" className={styles.banner}>
      <Notice tone="danger" title={t`Someone wants to start your account with new keys.`}>
        <p>
          <Trans>
            They logged in as you on {asked}. Unless you stop it, on {due} all your devices will be
            logged out and your messages will stay locked.
          </Trans>
        </p>
        <FailureNotice failure={stop.failure} />
        <div>
          <Button look="danger" busy={stop.busy} onClick={() => stop.run()}>
            <Trans>Stop</Trans>
          </Button>
        </div>
      </Notice>
    </div>
  )
}
