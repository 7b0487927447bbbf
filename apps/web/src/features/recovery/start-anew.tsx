import { type AccountId, MAX_NAME_CHARS } from '@sotto/wire'
import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Actions, Form } from '../../ui/form.tsx'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import { PictureField } from '../../ui/picture-field.tsx'
import { Entrance } from '../frame/entrance.tsx'
import { LoadPem } from './load-pem.tsx'
import styles from './start-anew.module.css'

const TYPED = 'new keys'

interface Props {
  readonly accountId: AccountId
  readonly withPem: boolean
  readonly onBack: () => void
}

/**
 * Says plainly what is lost without the recovery code, and lets the person go on without it. They type
 * their name: the new keys sign nothing that only the server says.
 */
export function StartAnew({ accountId, withPem, onBack }: Props) {
  const [typed, setTyped] = useState('')
  const [name, setName] = useState('')
  const [picture, setPicture] = useState<string | null>(null)
  const start = useCommand((commands) => commands.startWithNewKeys({ name: name.trim(), picture }))
  const isReady = typed.trim().toLowerCase() === TYPED && name.trim() !== ''

  return (
    <Entrance title="Without the code">
      <Notice tone="warn" title="Look again first">
        <p>
          On paper, in your password manager, among your downloads (
          <code>sotto-recovery-code.txt</code>). A browser or phone where Sotto still opens has your
          keys too: there, Settings gives you a new code.
        </p>
      </Notice>
      <section className={styles.lost}>
        <h2>If you start with new keys</h2>
        <ul>
          <li>Nobody can ever read again what you have received and sent so far, not even you.</li>
          <li>Everybody you write with sees that your key has changed and has to accept it.</li>
          <li>All your other devices are logged out.</li>
          <li>Your account and conversations stay.</li>
          <li>
            If any of your devices is still in use, this may have to wait for a day, and each of
            them can stop it.
          </li>
        </ul>
      </section>
      {withPem && <LoadPem purpose="locked" />}
      <Form onSubmit={() => isReady && start.run()}>
        <PictureField id={accountId} name={name.trim()} picture={picture} onChange={setPicture} />
        <Field
          label="Name"
          name="name"
          autoComplete="name"
          maxLength={MAX_NAME_CHARS}
          value={name}
          onChange={(event) => setName(event.target.value)}
          hint="Your new keys sign it."
        />
        <Field
          label={`Type “${TYPED}” to go on`}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <FailureNotice failure={start.failure} />
        <Actions>
          <Button onClick={onBack}>Back to the code</Button>
          <Button type="submit" look="danger" busy={start.busy} disabled={!isReady}>
            Start with new keys
          </Button>
        </Actions>
      </Form>
    </Entrance>
  )
}
