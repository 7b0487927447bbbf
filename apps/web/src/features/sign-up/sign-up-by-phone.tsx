import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { StartedChallenge } from '@sotto/sdk'
import { useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Entrance } from '../../layout/entrance.tsx'
import { home, hrefOf } from '../../routes.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Field } from '../../ui/forms/field.tsx'
import { Form } from '../../ui/forms/form.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { CodeForm } from './code-form.tsx'

/**
 * Phone number, then the code: signs up new people and logs in everyone else. `isOpen`: whether new people may sign up.
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
        changeWords={t`Change phone number`}
        isSure={isOpen}
        verify={(commands, code) => commands.verifyPhone(challenge.challengeId, code)}
        onAgain={start.run}
        onOther={() => setChallenge(null)}
      />
    )
  }
  return (
    <Entrance
      title={t`Your phone number`}
      back={hrefOf(home)}
      intro={
        <p>
          {isOpen
            ? t`We’ll text you a code. If you’re new here, this creates your account.`
            : t`If this number has an account here, we’ll text you a code.`}
        </p>
      }
    >
      <Form onSubmit={() => phone.trim() && start.run()}>
        <Field
          label={t`Phone number`}
          type="tel"
          name="tel"
          autoComplete="tel"
          dir="ltr"
          autoFocus
          required
          placeholder="+49 151 23456789"
          value={phone}
          onChange={(event) => setPhone(event.target.value)}
          hint={t`Include the country code. Only people who already have your number can see it.`}
        />
        <FailureNotice failure={start.failure} />
        <Button type="submit" look="main" wide busy={start.busy} disabled={!phone.trim()}>
          <Trans>Send code</Trans>
        </Button>
      </Form>
    </Entrance>
  )
}
