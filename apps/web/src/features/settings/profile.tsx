import { MAX_NAME_CHARS } from '@sotto/wire'
import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { useMe } from '../../client/use-view.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Actions, Form } from '../../ui/form.tsx'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import { PictureField } from '../../ui/picture-field.tsx'

/** Changes the own name and picture. */
export function Profile() {
  const me = useMe()
  const [name, setName] = useState(me.name)
  const [picture, setPicture] = useState(me.picture)
  const save = useCommand((commands) => commands.updateProfile({ name: name.trim(), picture }))
  const [isSaved, setIsSaved] = useState(false)
  const isChanged = name.trim() !== me.name || picture !== me.picture

  const submit = async () => {
    if (name.trim() && isChanged) setIsSaved(await save.run())
  }
  return (
    <Form onSubmit={submit}>
      <PictureField id={me.accountId} name={name} picture={picture} onChange={setPicture} />
      <Field
        label="Name"
        autoComplete="name"
        maxLength={MAX_NAME_CHARS}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <FailureNotice failure={save.failure} />
      {isSaved && !isChanged && <Notice tone="ok" title="Saved. Others see it at once." />}
      <Actions>
        <Button type="submit" look="main" busy={save.busy} disabled={!isChanged || !name.trim()}>
          Save
        </Button>
      </Actions>
    </Form>
  )
}
