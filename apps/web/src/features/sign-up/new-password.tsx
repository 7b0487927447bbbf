import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { MAX_PASSWORD_CHARS } from '@sotto/wire'
import { useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Entrance } from '../../layout/entrance.tsx'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions, Form } from '../../ui/forms/form.tsx'
import { PasswordField } from '../../ui/forms/password-field.tsx'
import { Notice } from '../../ui/notices/notice.tsx'
import { LogInFailure } from '../log-in/log-in-failure.tsx'
import { judgePassword } from './judge-password.ts'
import { PasswordMeter } from './password-meter.tsx'
import { useStrength } from './use-strength.ts'

/** Chooses the password for an email address that was just verified. */
export function NewPassword({ email, isNew }: { email: string; isNew: boolean }) {
  const [password, setPassword] = useState('')
  const skip = useCommand((commands) => commands.logInWithoutPassword())
  const [asked, setAsked] = useState(false)
  const save = useCommand((commands) => commands.setPassword(password))
  const judgement = judgePassword(password, useStrength(password, email))
  const hasOne = skip.failure?.code === 'wrong_credentials'
  const problem = asked ? judgement.problem : null

  const forget = () => {
    save.forget()
    skip.forget()
  }
  const submit = () => {
    setAsked(true)
    skip.forget()
    if (!judgement.problem) void save.run()
  }
  return (
    <Entrance
      title={isNew ? t`Choose a password` : t`Choose a new password`}
      intro={
        <p>
          <Trans>
            Your password stays on this device. The server never gets it. If you forget it, no one
            can look it up for you.
          </Trans>
        </p>
      }
    >
      <Form onSubmit={submit}>
        {/* For password managers, which store the two together. */}
        <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
        <PasswordField
          label={t`Password`}
          name="password"
          autoComplete="new-password"
          autoFocus
          maxLength={MAX_PASSWORD_CHARS}
          value={password}
          problem={problem}
          hint={<PasswordMeter judgement={judgement} isSaid={problem === judgement.words} />}
          onChange={(event) => setPassword(event.target.value)}
        />
        {hasOne ? (
          <Notice tone="warn" title={t`This account has a password.`}>
            <p>
              <Trans>Log in with it, or set a new one here. You can remove it in Settings.</Trans>
            </p>
          </Notice>
        ) : (
          <LogInFailure failure={save.failure ?? skip.failure} onErased={forget} />
        )}
        <Button type="submit" look="main" wide busy={save.busy}>
          {save.busy ? t`Encrypting on this device…` : t`Set password`}
        </Button>
        <Actions>
          <Button look="plain" busy={skip.busy} onClick={() => skip.run()}>
            <Trans>Continue without a password</Trans>
          </Button>
        </Actions>
      </Form>
    </Entrance>
  )
}
