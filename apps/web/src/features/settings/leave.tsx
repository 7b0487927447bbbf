import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { useMe } from '../../client/use-view.ts'
import { home, navigate } from '../../routes.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog, DialogActions } from '../../ui/dialog.tsx'
import { Actions } from '../../ui/form.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import styles from './settings.module.css'

/** Two ways to leave: keep what is here, or erase it. */
export function Leave() {
  const { email } = useMe()
  const [isAsking, setIsAsking] = useState(false)
  const leave = useCommand(async (commands, forget: boolean) => {
    await commands.logOut({ forget })
    navigate(home, { replace: true })
  })
  return (
    <>
      <section className={styles.section}>
        <h2>Log out</h2>
        <p className={styles.quiet}>
          Your keys and messages stay in this browser for when you log in again. On one that is not
          yours alone, erase them instead.
        </p>
        <Actions>
          <Button icon="leave" busy={leave.busy} onClick={() => leave.run(false)}>
            Log out
          </Button>
        </Actions>
        {!isAsking && <FailureNotice failure={leave.failure} />}
      </section>
      <section className={styles.section}>
        <h2>Forget this browser</h2>
        <p className={styles.quiet}>
          Erases keys, messages and drafts here. Your recovery code{email && ' or your password'}{' '}
          brings keys and messages back.
        </p>
        <Actions>
          <Button look="danger" icon="trash" onClick={() => setIsAsking(true)}>
            Log out and erase
          </Button>
        </Actions>
      </section>
      <Dialog open={isAsking} onClose={() => setIsAsking(false)} title="Erase everything here?">
        <p>
          Messages that are still waiting to be sent are lost. Everything else comes back with your
          recovery code{email && ' or your password'}. Do you have it?
        </p>
        <FailureNotice failure={leave.failure} />
        <DialogActions>
          <Button onClick={() => setIsAsking(false)}>Cancel</Button>
          <Button look="danger" busy={leave.busy} onClick={() => leave.run(true)}>
            Erase and log out
          </Button>
        </DialogActions>
      </Dialog>
    </>
  )
}
