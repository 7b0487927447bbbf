import type { StartedChallenge } from '@sotto/sdk'
import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { home, hrefOf } from '../../routes.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import { Entrance } from '../frame/entrance.tsx'
import { CodeForm } from './code-form.tsx'

/**
 * Phone number, then the code: signs up whoever is new and logs in whoever is not. `isOpen`: whether somebody
 * new may sign up.
 */
export function SignUpByPhone({ isOpen }: { isOpen: boolean }) {
  const [phone, setPhone] = useState('')
  const [challenge, setChallenge] = useState<StartedChallenge | null>(null)
  const start = useCommand(async (commands) =>
    setChallenge(await commands.startPhone(phone.trim())),
  )

  if (challenge) {
    return (
      <CodeForm
        key={challenge.challengeId}
        sentTo={phone}
        isSure={isOpen}
        verify={(commands, code) => commands.verifyPhone(challenge.challengeId, code)}
        onAgain={start.run}
        onOther={() => setChallenge(null)}
      />
    )
  }
  return (
    <Entrance
      title="Your phone number"
      back={hrefOf(home)}
      intro={
        <p>
          {isOpen
            ? 'We send a code to it. If you are new here, that makes your account.'
            : 'If it has an account here, we send a code to it.'}
        </p>
      }
    >
      <Form onSubmit={() => phone.trim() && start.run()}>
        <Field
          label="Phone number"
          type="tel"
          name="tel"
          autoComplete="tel"
          dir="ltr"
          autoFocus
          required
          placeholder="+49 151 23456789"
          value={phone}
          onChange={(event) => setPhone(event.target.value)}
          hint="Include the country code. Other people see it only if they know it already."
        />
        <FailureNotice failure={start.failure} />
        <Button type="submit" look="main" wide busy={start.busy} disabled={!phone.trim()}>
          Send code
        </Button>
      </Form>
    </Entrance>
  )
}
