import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { useMe } from '../../client/hooks/use-view.ts'
import styles from '../../layout/sections.module.css'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { Dialog, DialogActions } from '../../ui/overlays/dialog.tsx'

/** The password of an account with an email address, and how to remove it. */
export function Password() {
  const me = useMe()
  if (me.email === null) return <CodesOnly address={me.phone ?? ''} />
  return me.hasPassword ? <Remove email={me.email} /> : <None email={me.email} />
}

function Remove({ email }: { email: string }) {
  const [isAsking, setIsAsking] = useState(false)
  const remove = useCommand(async (commands) => {
    await commands.removePassword()
    setIsAsking(false)
  })
  return (
    <>
      <p>
        <Trans>
          Your password logs you in and opens your keys in a new browser. It never leaves your
          device, but anyone who has this server’s data can try to guess it.
        </Trans>
      </p>
      <p className={styles.quiet}>
        <Trans>
          Without a password, you log in with a code sent to <bdi>{email}</bdi>, and only your
          recovery code opens your keys.
        </Trans>
      </p>
      <Actions>
        <Button look="danger" onClick={() => setIsAsking(true)}>
          <Trans>Remove password</Trans>
        </Button>
      </Actions>
      <Dialog open={isAsking} onClose={() => setIsAsking(false)} title={t`Remove your password?`}>
        <p>
          <Trans>
            Make sure you have your recovery code. Without it, no one can open your keys in a new
            browser, not even you. This browser keeps working as before.
          </Trans>
        </p>
        <FailureNotice failure={remove.failure} />
        <DialogActions>
          <Button onClick={() => setIsAsking(false)}>
            <Trans>Cancel</Trans>
          </Button>
          <Button look="danger" busy={remove.busy} onClick={() => remove.run()}>
            <Trans>Remove</Trans>
          </Button>
        </DialogActions>
      </Dialog>
    </>
  )
}

function CodesOnly({ address }: { address: string }) {
  return (
    <Notice title={t`You log in without a password.`}>
      <p>
        <Trans>
          You log in with a code sent to <bdi>{address}</bdi>. In a new browser, your recovery code
          opens your keys.
        </Trans>
      </p>
    </Notice>
  )
}

function None({ email }: { email: string }) {
  return (
    <>
      <CodesOnly address={email} />
      <p className={styles.quiet}>
        <Trans>
          To set a password, log out and choose “Forgot your password, or don’t have one?” when you
          log in. This browser keeps your keys.
        </Trans>
      </p>
    </>
  )
}
