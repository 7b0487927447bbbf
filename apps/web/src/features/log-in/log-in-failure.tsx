import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import type { Failure } from '../../client/errors/failure.ts'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { Dialog, DialogActions } from '../../ui/overlays/dialog.tsx'

interface Props {
  readonly failure: Failure | null
  /** The browser's data was erased, so the person can log in again. */
  readonly onErased: () => void
}

/** Why a log-in failed. If this browser holds another account, only the person can have it erased. */
export function LogInFailure({ failure, onErased }: Props) {
  const [isAsking, setIsAsking] = useState(false)
  const erase = useCommand(async (commands) => {
    await commands.logOut({ forget: true })
    setIsAsking(false)
    onErased()
  })
  return (
    <>
      <FailureNotice failure={failure} />
      {failure?.code === 'other_account' && (
        <Actions>
          <Button look="danger" icon="trash" onClick={() => setIsAsking(true)}>
            <Trans>Erase the other account</Trans>
          </Button>
        </Actions>
      )}
      <Dialog
        open={isAsking}
        onClose={() => setIsAsking(false)}
        title={t`Erase the other account from this browser?`}
      >
        <p>
          <Trans>
            Its keys, messages, and drafts will be removed from this browser. Messages still waiting
            to be sent will be lost. Everything else can be restored only with its recovery code or
            password. If the account isn’t yours, ask first.
          </Trans>
        </p>
        <FailureNotice failure={erase.failure} />
        <DialogActions>
          <Button onClick={() => setIsAsking(false)}>
            <Trans>Cancel</Trans>
          </Button>
          <Button look="danger" busy={erase.busy} onClick={() => erase.run()}>
            <Trans>Erase</Trans>
          </Button>
        </DialogActions>
      </Dialog>
    </>
  )
}
