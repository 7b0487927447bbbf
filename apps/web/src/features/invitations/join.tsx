import type { ClientErrorCode } from '@sotto/sdk'
import { useEffect } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { home, hrefOf, navigate } from '../../routes.ts'
import { Button, LinkButton } from '../../ui/button.tsx'
import { Actions } from '../../ui/form.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import { Entrance } from '../frame/entrance.tsx'
import { Starting } from '../frame/starting.tsx'

const ofTheLink: readonly ClientErrorCode[] = ['not_an_invitation', 'invitation_refused']

/** Takes an invitation out of the address bar; the first page says that it is there. */
export function Join({ link }: { link: string }) {
  const accept = useCommand(async (commands) => {
    await commands.acceptInvitation(link)
    // Whoever looks at the history later finds no invitation that still works.
    navigate(home, { replace: true })
  })
  const { run } = accept
  useEffect(() => void run(), [run])

  if (!accept.failure) return <Starting />
  // What is wrong with the link itself stays wrong.
  const mayWork = !ofTheLink.includes(accept.failure.code)
  return (
    <Entrance title="Your invitation">
      <FailureNotice failure={accept.failure} />
      <Actions>
        {mayWork && (
          <Button look="main" busy={accept.busy} onClick={run}>
            Try again
          </Button>
        )}
        <LinkButton href={hrefOf(home)} look={mayWork ? 'plain' : 'main'}>
          Go on without it
        </LinkButton>
      </Actions>
    </Entrance>
  )
}
