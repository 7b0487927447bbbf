import { i18n } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'
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
import { NewPassword } from './new-password.tsx'
import { fetchDictionaries } from './use-strength.ts'

type Step =
  | { at: 'address' }
  | { at: 'code'; challenge: StartedChallenge }
  | { at: 'password'; isNew: boolean }

const words = {
  'sign-up': {
    title: msg`Your email address`,
    intro: msg`We’ll send a code to it. Then you’ll choose a password, which never leaves this device.`,
    back: hrefOf(home),
  },
  'new-password': {
    title: msg`Set a new password`,
    intro: msg`We’ll send a code to your email address. A new password lets you log in, but doesn’t open your keys. For that, you need your recovery code or a browser where you’re still logged in.`,
    back: hrefOf({ at: 'log-in' }),
  },
}

interface Props {
  readonly purpose: 'sign-up' | 'new-password'
  /** Whether new people may sign up. */
  readonly isOpen: boolean
}

/** Address, code, password: for a new account, or to replace a forgotten password. */
export function SignUpByEmail({ purpose, isOpen }: Props) {
  const [email, setEmail] = useState('')
  const [step, setStep] = useState<Step>({ at: 'address' })
  const start = useCommand(async (commands) => {
    setStep({ at: 'code', challenge: await commands.startEmail(email.trim()) })
    fetchDictionaries()
  })

  if (step.at === 'password') return <NewPassword email={email.trim()} isNew={step.isNew} />
  if (step.at === 'code') {
    const { challengeId } = step.challenge
    return (
      <CodeForm
        key={challengeId}
        sentTo={email}
        changeWords={t`Change email address`}
        isSure={isOpen}
        verify={async (commands, code) => {
          const { isNew } = await commands.verifyEmail(challengeId, code)
          setStep({ at: 'password', isNew })
        }}
        onAgain={start.run}
        onOther={() => setStep({ at: 'address' })}
      />
    )
  }
  const { title, intro, back } = words[purpose]
  return (
    <Entrance title={i18n._(title)} back={back} intro={<p>{i18n._(intro)}</p>}>
      <Form onSubmit={() => email.trim() && start.run()}>
        <Field
          label={t`Email address`}
          type="email"
          name="email"
          autoComplete="email"
          dir="ltr"
          autoFocus
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <FailureNotice failure={start.failure} />
        <Button type="submit" look="main" wide busy={start.busy} disabled={!email.trim()}>
          <Trans>Send code</Trans>
        </Button>
      </Form>
    </Entrance>
  )
}
