import { MAX_PASSWORD_CHARS } from '@sotto/wire'
import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { Form } from '../../ui/form.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { Entrance } from '../frame/entrance.tsx'
import { LogInFailure } from '../log-in/log-in-failure.tsx'
import { judgePassword } from './judge-password.ts'
import { PasswordMeter } from './password-meter.tsx'

/** Chooses the password of an address that was just proven. */
export function NewPassword({ email, isNew }: { email: string; isNew: boolean }) {
  const [password, setPassword] = useState('')
  const [asked, setAsked] = useState(false)
  const save = useCommand((commands) => commands.setPassword(password))
  const judgement = judgePassword(password, email)
  const problem = asked ? judgement.problem : null

  const submit = () => {
    setAsked(true)
    if (!judgement.problem) void save.run()
  }
  return (
    <Entrance
      title={isNew ? 'Choose a password' : 'Choose a new password'}
      intro={
        <p>
          It is never sent, not even in disguise: the server learns nothing from which it could be
          worked out. Nobody can look it up for you.
        </p>
      }
    >
      <Form onSubmit={submit}>
        {/* For password managers, which keep the two together. */}
        <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
        <PasswordField
          label="Password"
          name="password"
          autoComplete="new-password"
          autoFocus
          maxLength={MAX_PASSWORD_CHARS}
          value={password}
          problem={problem}
          hint={<PasswordMeter judgement={judgement} isSaid={problem === judgement.words} />}
          onChange={(event) => setPassword(event.target.value)}
        />
        <LogInFailure failure={save.failure} onErased={save.forget} />
        <Button type="submit" look="main" wide busy={save.busy}>
          {save.busy ? 'Sealing it on this device …' : 'Set password'}
        </Button>
      </Form>
    </Entrance>
  )
}
