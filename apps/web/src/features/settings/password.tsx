import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { useMe } from '../../client/use-view.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog, DialogActions } from '../../ui/dialog.tsx'
import { Actions } from '../../ui/form.tsx'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import styles from './settings.module.css'

/** The password of an account with an e-mail address, and how to do without one. */
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
        Your password logs you in and opens your keys on a new browser. It never leaves your device,
        but whoever has the data of this server can try to guess it.
      </p>
      <p className={styles.quiet}>
        Without a password, a code to <bdi>{email}</bdi> logs you in, and only your recovery code
        opens your keys.
      </p>
      <Actions>
        <Button look="danger" onClick={() => setIsAsking(true)}>
          Remove the password
        </Button>
      </Actions>
      <Dialog open={isAsking} onClose={() => setIsAsking(false)} title="Remove the password?">
        <p>
          Make sure that you have your recovery code. Without it nobody can open your keys on a new
          browser, not even you. This browser goes on as it is.
        </p>
        <FailureNotice failure={remove.failure} />
        <DialogActions>
          <Button onClick={() => setIsAsking(false)}>Cancel</Button>
          <Button look="danger" busy={remove.busy} onClick={() => remove.run()}>
            Remove it
          </Button>
        </DialogActions>
      </Dialog>
    </>
  )
}

function CodesOnly({ address }: { address: string }) {
  return (
    <Notice title="You log in without a password.">
      <p>
        A code to <bdi>{address}</bdi> logs you in. On a new browser your recovery code opens your
        keys.
      </p>
    </Notice>
  )
}

function None({ email }: { email: string }) {
  return (
    <>
      <CodesOnly address={email} />
      <p className={styles.quiet}>
        To have a password, log out for now and choose “Forgot the password, or have none”. This
        browser keeps your keys.
      </p>
    </>
  )
}
