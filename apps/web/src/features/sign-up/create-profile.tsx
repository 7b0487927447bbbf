import type { AccountId } from '@sotto/wire'
import { MAX_NAME_CHARS } from '@sotto/wire'
import { useState } from 'react'
import { useCommand, useLoaded } from '../../client/use-command.ts'
import { navigate } from '../../routes.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import { PictureField } from '../../ui/picture-field.tsx'
import { Switch } from '../../ui/switch.tsx'
import { Entrance } from '../frame/entrance.tsx'
import { StopHere } from '../frame/stop-here.tsx'

/** Name and picture of a new account; its keys are made when this is sent. */
export function CreateProfile({ accountId }: { accountId: AccountId }) {
  const [name, setName] = useState('')
  const [picture, setPicture] = useState<string | null>(null)
  const [withRsa, setWithRsa] = useState(false)
  const [chosen, setChosen] = useState<boolean | null>(null)
  const policy = useLoaded('sign-up policy', (commands) => commands.signUpPolicy())
  // Where strangers can have an account nobody is found by them without having said so.
  const findable = chosen ?? (policy.state === 'loaded' && policy.value.signUp !== 'open')
  const create = useCommand(async (commands) => {
    // Where the way leads once the recovery code is confirmed.
    navigate(withRsa ? { at: 'keep-key' } : { at: 'home' }, { replace: true })
    await commands.createProfile({ name: name.trim(), picture, withRsa, findable })
  })

  return (
    <Entrance
      title="How others see you"
      intro={<p>Your keys are made on this device in the next step. Only you get them.</p>}
    >
      <Form onSubmit={() => name.trim() && create.run()}>
        <PictureField id={accountId} name={name.trim()} picture={picture} onChange={setPicture} />
        <Field
          label="Name"
          name="name"
          autoComplete="name"
          autoFocus
          maxLength={MAX_NAME_CHARS}
          value={name}
          onChange={(event) => setName(event.target.value)}
          hint="As you want to be called. You can change it later."
        />
        <Switch
          label="Found by phone number or e-mail address"
          text="Whoever types in yours exactly then sees that you are here, with name and picture. Nobody can read it from your account. You can change this later."
          checked={findable}
          onChange={setChosen}
        />
        <Switch
          label="Make an RSA key as well"
          text="For conversations by protocol “rsa”, whose private key you can keep as a file. You can also make one later."
          checked={withRsa}
          onChange={setWithRsa}
        />
        <FailureNotice failure={create.failure} />
        <Button type="submit" look="main" wide busy={create.busy} disabled={!name.trim()}>
          {create.busy ? 'Making your keys …' : 'Continue'}
        </Button>
      </Form>
      <StopHere />
    </Entrance>
  )
}
