import type { Failure } from '../../client/failure.ts'
import { useCommand } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
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
  const erase = useCommand(async (commands) => {
    await commands.logOut({ forget: true })
    onErased()
  })
  return (
    <>
      <FailureNotice failure={failure} />
      {failure?.code === 'other_account' && (
        <Actions>
          <Button look="danger" busy={erase.busy} onClick={() => erase.run()}>
            Erase the other account from this browser
          </Button>
        </Actions>
      )}
      <FailureNotice failure={erase.failure} />
    </>
  )
}
