import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { SessionView } from '@sotto/sdk'
import { useState } from 'react'
import { Entrance } from '../../layout/entrance.tsx'
import { StopHere } from '../../layout/stop-here.tsx'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { Notice } from '../../ui/notices/notice.tsx'
import { EnterRecoveryCode } from './enter-recovery-code.tsx'
import { RenewedKeysNotice } from './renewed-keys-notice.tsx'
import { StartAnew } from './start-anew.tsx'

type Session = Extract<SessionView, { stage: 'locked' }>

/** Logged in without the keys: the person enters the recovery code, or starts over. */
export function Locked({ session }: { session: Session }) {
  const [isAnew, setIsAnew] = useState(false)
  if (isAnew) {
    return (
      <StartAnew
        accountId={session.accountId}
        withPem={session.ways.includes('pem')}
        onBack={() => setIsAnew(false)}
      />
    )
  }
  return (
    <Entrance
      title={t`Unlock your messages`}
      intro={
        <p>
          <Trans>
            You’re logged in, but your keys aren’t in this browser yet. Without them, no one can
            read your messages. Enter your recovery code to get everything back.
          </Trans>
        </p>
      }
    >
      {session.newKeysStopped && (
        <Notice tone="warn" title={t`Your new keys were stopped.`}>
          <p>
            <Trans>
              One of your devices stopped them, so they will never take effect. Your account hasn’t
              changed.
            </Trans>
          </p>
        </Notice>
      )}
      {session.renewed && <RenewedKeysNotice renewed={session.renewed} isLoggedIn />}
      <EnterRecoveryCode />
      <Actions>
        <Button look="plain" onClick={() => setIsAnew(true)}>
          <Trans>I don’t have my code</Trans>
        </Button>
      </Actions>
      <StopHere />
    </Entrance>
  )
}
