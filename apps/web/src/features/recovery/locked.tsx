import type { SessionView } from '@sotto/sdk'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Actions } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Entrance } from '../frame/entrance.tsx'
import { RenewedKeysNotice } from '../frame/renewed-keys-notice.tsx'
import { StopHere } from '../frame/stop-here.tsx'
import { EnterRecoveryCode } from './enter-recovery-code.tsx'
import { StartAnew } from './start-anew.tsx'

type Session = Extract<SessionView, { stage: 'locked' }>

/** Logged in where the keys are not: the code opens them, or the person starts anew. */
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
      title="Open your keys"
      intro={
        <p>
          You are logged in. Your keys are not in this browser yet, and without them nobody can read
          your messages. Enter your recovery code, and everything is here again.
        </p>
      }
    >
      {session.newKeysStopped && (
        <Notice tone="warn" title="Your new keys were stopped.">
          <p>
            One of your devices has stopped them, and they will never count. Nothing has changed for
            your account.
          </p>
        </Notice>
      )}
      {session.renewed && <RenewedKeysNotice renewed={session.renewed} isLoggedIn />}
      <EnterRecoveryCode />
      <Actions>
        <Button look="plain" onClick={() => setIsAnew(true)}>
          I do not have the code
        </Button>
      </Actions>
      <StopHere />
    </Entrance>
  )
}
