import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { MAX_NAME_CHARS, tidyName } from '@sotto/wire'
import { useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { useMe } from '../../client/hooks/use-view.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Field } from '../../ui/forms/field.tsx'
import { Actions, Form } from '../../ui/forms/form.tsx'
import { PictureField } from '../../ui/forms/picture-field.tsx'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'

/** Changes the person's name and picture. */
export function Profile() {
  const me = useMe()
  const [name, setName] = useState(me.name)
  const [picture, setPicture] = useState(me.picture)
  const wanted = tidyName(name)
  const save = useCommand((commands) => commands.updateProfile({ name: wanted, picture }))
  const [isSaved, setIsSaved] = useState(false)
  const isChanged = wanted !== me.name || picture !== me.picture

  const submit = async () => {
    if (wanted && isChanged) setIsSaved(await save.run())
  }
  return (
    <Form onSubmit={submit}>
      <PictureField id={me.accountId} name={name} picture={picture} onChange={setPicture} />
      <Field
        label={t`Name`}
        autoComplete="name"
        maxLength={MAX_NAME_CHARS}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <FailureNotice failure={save.failure} />
      {isSaved && !isChanged && <Notice tone="ok" title={t`Saved. Others see it right away.`} />}
      <Actions>
        <Button type="submit" look="main" busy={save.busy} disabled={!isChanged || !wanted}>
          <Trans>Save</Trans>
        </Button>
      </Actions>
    </Form>
  )
}
