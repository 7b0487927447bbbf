import type { SessionView } from '@sotto/sdk'
import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Actions, Form } from '../../ui/form.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import { Entrance } from '../frame/entrance.tsx'
import { StopHere } from '../frame/stop-here.tsx'
import { groupsOf, tidied } from './recovery-code.ts'
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

function EnterRecoveryCode() {
  const [code, setCode] = useState('')
  const unlock = useCommand((commands) => commands.unlockWithRecoveryCode(groupsOf(code).join('-')))
  const isWhole = groupsOf(code).join('').length === 32
  const type = (typed: string) => {
    setCode(tidied(typed).slice(0, 39))
    unlock.forget()
  }
  return (
    <Form onSubmit={() => isWhole && unlock.run()}>
      <Field
        label="Recovery code"
        look="mono"
        dir="ltr"
        autoFocus
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        placeholder="XXXX XXXX XXXX …"
        value={code}
        onChange={(event) => type(event.target.value)}
        hint={`Eight groups of four, in any case and with or without blanks. ${groupsOf(code).join('').length} of 32 characters.`}
      />
      <FailureNotice failure={unlock.failure} />
      <Button type="submit" look="main" wide busy={unlock.busy} disabled={!isWhole}>
        {unlock.busy ? 'Opening …' : 'Open my keys'}
      </Button>
    </Form>
  )
}
