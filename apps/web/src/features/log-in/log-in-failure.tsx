import { useState } from 'react'
import type { Failure } from '../../client/failure.ts'
import { useCommand } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog, DialogActions } from '../../ui/dialog.tsx'
import { Actions } from '../../ui/form.tsx'
import { FailureNotice } from '../../ui/notice.tsx'

interface Props {
  readonly failure: Failure | null
  /** The browser's data was erased, so the person can log in again. */
  readonly onErased: () => void
}

/**
 * Why a log-in did not work. When this browser keeps another account, only the person can have that
 * erased.
 */
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
            Erase the other account
          </Button>
        </Actions>
      )}
      <Dialog
        open={isAsking}
        onClose={() => setIsAsking(false)}
        title="Erase the other account here?"
      >
        <p>
          Its keys, messages and drafts leave this browser, and messages that are still waiting to
          be sent are lost. Everything else comes back only with its recovery code or password. If
          it is not yours, ask first.
        </p>
        <FailureNotice failure={erase.failure} />
        <DialogActions>
          <Button onClick={() => setIsAsking(false)}>Cancel</Button>
          <Button look="danger" busy={erase.busy} onClick={() => erase.run()}>
            Erase it
          </Button>
        </DialogActions>
      </Dialog>
    </>
  )
}
