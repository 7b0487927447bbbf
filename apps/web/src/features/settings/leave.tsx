import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { useMe } from '../../client/hooks/use-view.ts'
import styles from '../../layout/sections.module.css'
import { home, navigate } from '../../routes.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { Dialog, DialogActions } from '../../ui/overlays/dialog.tsx'

/** Two ways to log out: keep this device's data, or erase it. */
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
        <h2>
          <Trans>Log out</Trans>
        </h2>
        <p className={styles.quiet}>
          <Trans>
            Your keys and messages stay in this browser for the next time you log in. On a shared
            device, erase them instead.
          </Trans>
        </p>
        <Actions>
          <Button icon="leave" busy={leave.busy} onClick={() => leave.run(false)}>
            <Trans>Log out</Trans>
          </Button>
        </Actions>
        {!isAsking && <FailureNotice failure={leave.failure} />}
      </section>
      <section className={styles.section}>
        <h2>
          <Trans>Erase this browser’s data</Trans>
        </h2>
        <p className={styles.quiet}>
          <Trans>Erases your keys, messages, and drafts from this browser.</Trans>{' '}
          {email ? (
            <Trans>Your recovery code or your password brings keys and messages back.</Trans>
          ) : (
            <Trans>Your recovery code brings keys and messages back.</Trans>
          )}
        </p>
        <Actions>
          <Button look="danger" icon="trash" onClick={() => setIsAsking(true)}>
            <Trans>Log out and erase</Trans>
          </Button>
        </Actions>
      </section>
      <Dialog
        open={isAsking}
        onClose={() => setIsAsking(false)}
        title={t`Erase everything from this browser?`}
      >
        <p>
          <Trans>Messages still waiting to be sent will be lost.</Trans>{' '}
          {email ? (
            <Trans>
              Everything else comes back with your recovery code or your password. Do you have it?
            </Trans>
          ) : (
            <Trans>Everything else comes back with your recovery code. Do you have it?</Trans>
          )}
        </p>
        <FailureNotice failure={leave.failure} />
        <DialogActions>
          <Button onClick={() => setIsAsking(false)}>
            <Trans>Cancel</Trans>
          </Button>
          <Button look="danger" busy={leave.busy} onClick={() => leave.run(true)}>
            <Trans>Erase and log out</Trans>
          </Button>
        </DialogActions>
      </Dialog>
    </>
  )
}
