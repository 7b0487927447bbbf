import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { type AccountId, MAX_NAME_CHARS } from '@sotto/wire'
import { useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Entrance } from '../../layout/entrance.tsx'
import { Button } from '../../ui/buttons/button.tsx'
import { Field } from '../../ui/forms/field.tsx'
import { Actions, Form } from '../../ui/forms/form.tsx'
import { PictureField } from '../../ui/forms/picture-field.tsx'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { LoadPem } from './load-pem.tsx'
import styles from './start-anew.module.css'

interface Props {
  readonly accountId: AccountId
  readonly withPem: boolean
  readonly onBack: () => void
}

/**
 * Explains what is lost without the recovery code, and lets the person start over. They type their name, because the
 * new keys must not sign a name that only the server claims.
 */
export function StartAnew({ accountId, withPem, onBack }: Props) {
  const [typed, setTyped] = useState('')
  const [name, setName] = useState('')
  const [picture, setPicture] = useState<string | null>(null)
  const start = useCommand((commands) => commands.startWithNewKeys({ name: name.trim(), picture }))
  const wanted = t`new keys`
  const isReady = typed.trim().toLowerCase() === wanted.toLowerCase() && name.trim() !== ''

  return (
    <Entrance title={t`Without your code`}>
      <Notice tone="warn" title={t`Look for your code first`}>
        <p>
          <Trans>
            Check your papers, your password manager, and your downloads (
            <code>sotto-recovery-code.txt</code>). If Sotto still opens in another browser or on a
            phone, your keys are there, too. You can get a new code in Settings there.
          </Trans>
        </p>
      </Notice>
      <section className={styles.lost}>
        <h2>
          <Trans>If you start with new keys</Trans>
        </h2>
        <ul>
          <li>
            <Trans>
              Messages you’ve sent and received so far can never be read again by anyone, including
              you.
            </Trans>
          </li>
          <li>
            <Trans>Everyone you message sees that your key changed and has to accept it.</Trans>
          </li>
          <li>
            <Trans>All your other devices are logged out.</Trans>
          </li>
          <li>
            <Trans>You keep your account and your conversations.</Trans>
          </li>
          <li>
            <Trans>
              If one of your devices is still in use, this may have to wait a day, and any of them
              can stop it.
            </Trans>
          </li>
        </ul>
      </section>
      {withPem && <LoadPem purpose="locked" />}
      <Form onSubmit={() => isReady && start.run()}>
        <PictureField id={accountId} name={name.trim()} picture={picture} onChange={setPicture} />
        <Field
          label={t`Name`}
          name="name"
          autoComplete="name"
          maxLength={MAX_NAME_CHARS}
          value={name}
          onChange={(event) => setName(event.target.value)}
          hint={t`Signed with your new keys.`}
        />
        <Field
          label={t`Type “${wanted}” to continue`}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <FailureNotice failure={start.failure} />
        <Actions>
          <Button onClick={onBack}>
            <Trans>Back to recovery code</Trans>
          </Button>
          <Button type="submit" look="danger" busy={start.busy} disabled={!isReady}>
            <Trans>Start with new keys</Trans>
          </Button>
        </Actions>
      </Form>
    </Entrance>
  )
}
