import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { AccountId } from '@sotto/wire'
import { MAX_NAME_CHARS } from '@sotto/wire'
import { useState } from 'react'
import { useCommand, useLoaded } from '../../client/hooks/use-command.ts'
import { Entrance } from '../../layout/entrance.tsx'
import { StopHere } from '../../layout/stop-here.tsx'
import { navigate } from '../../routes.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Field } from '../../ui/forms/field.tsx'
import { Form } from '../../ui/forms/form.tsx'
import { PictureField } from '../../ui/forms/picture-field.tsx'
import { Switch } from '../../ui/forms/switch.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'

/** Name and picture of a new account; submitting it creates the keys. */
export function CreateProfile({ accountId }: { accountId: AccountId }) {
  const [name, setName] = useState('')
  const [picture, setPicture] = useState<string | null>(null)
  const [withRsa, setWithRsa] = useState(false)
  const [chosen, setChosen] = useState<boolean | null>(null)
  const policy = useLoaded('sign-up policy', (commands) => commands.signUpPolicy())
  // On servers open to strangers, people can be found only if they opt in.
  const findable = chosen ?? (policy.state === 'loaded' && policy.value.signUp !== 'open')
  const create = useCommand(async (commands) => {
    // The page to show once the recovery code is confirmed.
    navigate(withRsa ? { at: 'keep-key' } : { at: 'home' }, { replace: true })
    await commands.createProfile({ name: name.trim(), picture, withRsa, findable })
  })

  return (
    <Entrance
      title={t`Your profile`}
      intro={
        <p>
          <Trans>In the next step, your keys are created on this device. Only you get them.</Trans>
        </p>
      }
    >
      <Form onSubmit={() => name.trim() && create.run()}>
        <PictureField id={accountId} name={name.trim()} picture={picture} onChange={setPicture} />
        <Field
          label={t`Name`}
          name="name"
          autoComplete="name"
          autoFocus
          maxLength={MAX_NAME_CHARS}
          value={name}
          onChange={(event) => setName(event.target.value)}
          hint={t`The name others see. You can change it later.`}
        />
        <Switch
          label={t`Let people find me by phone number or email`}
          text={t`Anyone who enters it exactly will see that you’re here, with your name and picture. No one can read it from your account. You can change this later.`}
          checked={findable}
          onChange={setChosen}
        />
        <Switch
          label={t`Also create an RSA key`}
          text={t`For conversations that use the “rsa” protocol. You can save its private key as a file. You can also create one later.`}
          checked={withRsa}
          onChange={setWithRsa}
        />
        <FailureNotice failure={create.failure} />
        <Button type="submit" look="main" wide busy={create.busy} disabled={!name.trim()}>
          {create.busy ? t`Creating your keys…` : t`Continue`}
        </Button>
      </Form>
      <StopHere />
    </Entrance>
  )
}
