import type { CodeChannel } from '@sotto/wire'
import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { home, hrefOf } from '../../routes.ts'
import { Button, LinkButton } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Actions, Form } from '../../ui/form.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { Entrance } from '../frame/entrance.tsx'
import { LogInFailure } from './log-in-failure.tsx'

/**
 * E-mail address and password of an account that exists. `channels`: the ways in which this server sends
 * codes; a password needs none.
 */
export function LogIn({ channels }: { channels: readonly CodeChannel[] }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const logIn = useCommand((commands) => commands.logIn(email.trim(), password))
  const isComplete = email.trim() !== '' && password !== ''

  return (
    <Entrance title="Log in" back={hrefOf(home)}>
      <Form onSubmit={() => isComplete && logIn.run()}>
        <Field
          label="E-mail address"
          type="email"
          name="email"
          autoComplete="username"
          dir="ltr"
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <PasswordField
          label="Password"
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <LogInFailure failure={logIn.failure} onErased={logIn.forget} />
        <Button type="submit" look="main" wide busy={logIn.busy} disabled={!isComplete}>
          {logIn.busy ? 'Opening …' : 'Log in'}
        </Button>
        <Actions>
          {channels.includes('phone') && (
            <LinkButton href={hrefOf({ at: 'sign-up', by: 'phone' })} look="plain">
              Log in by phone
            </LinkButton>
          )}
          {channels.includes('email') && (
            <LinkButton href={hrefOf({ at: 'forgot-password' })} look="plain">
              Forgot the password, or have none
            </LinkButton>
          )}
        </Actions>
      </Form>
    </Entrance>
  )
}
