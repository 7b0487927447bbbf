import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { CodeChannel } from '@sotto/wire'
import { useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Entrance } from '../../layout/entrance.tsx'
import { home, hrefOf } from '../../routes.ts'
import { Button, LinkButton } from '../../ui/buttons/button.tsx'
import { Field } from '../../ui/forms/field.tsx'
import { Actions, Form } from '../../ui/forms/form.tsx'
import { PasswordField } from '../../ui/forms/password-field.tsx'
import { LogInFailure } from './log-in-failure.tsx'

/**
 * Logs in to an existing account with email address and password. `channels` lists how this server can send codes; a
 * password needs none.
 */
export function LogIn({ channels }: { channels: readonly CodeChannel[] }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const logIn = useCommand((commands) => commands.logIn(email.trim(), password))
  const isComplete = email.trim() !== '' && password !== ''

  return (
    <Entrance title={t`Log in`} back={hrefOf(home)}>
      <Form onSubmit={() => isComplete && logIn.run()}>
        <Field
          label={t`Email address`}
          type="email"
          name="email"
          autoComplete="username"
          dir="ltr"
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <PasswordField
          label={t`Password`}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <LogInFailure failure={logIn.failure} onErased={logIn.forget} />
        <Button type="submit" look="main" wide busy={logIn.busy} disabled={!isComplete}>
          {logIn.busy ? t`Logging in…` : t`Log in`}
        </Button>
        <Actions>
          {channels.includes('phone') && (
            <LinkButton href={hrefOf({ at: 'sign-up', by: 'phone' })} look="plain">
              <Trans>Log in with phone</Trans>
            </LinkButton>
          )}
          {channels.includes('email') && (
            <LinkButton href={hrefOf({ at: 'forgot-password' })} look="plain">
              <Trans>Forgot your password, or don’t have one?</Trans>
            </LinkButton>
          )}
        </Actions>
      </Form>
    </Entrance>
  )
}
