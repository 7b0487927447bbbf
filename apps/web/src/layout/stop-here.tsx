import { Trans } from '@lingui/react/macro'
import { useCommand } from '../client/hooks/use-command.ts'
import { Button } from '../ui/buttons/button.tsx'
import { FailureNotice } from '../ui/notices/notice.tsx'

/** A way out of a page that would otherwise only lead forward. */
export function StopHere() {
  const logOut = useCommand((commands) => commands.logOut({ forget: false }))
  return (
    <div>
      <Button look="plain" busy={logOut.busy} onClick={logOut.run}>
        <Trans>Log out for now</Trans>
      </Button>
      <FailureNotice failure={logOut.failure} />
    </div>
  )
}
