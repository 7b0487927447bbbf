import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ClientErrorCode } from '@sotto/sdk'
import { useEffect } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Entrance } from '../../layout/entrance.tsx'
import { Starting } from '../../layout/starting.tsx'
import { home, hrefOf, navigate } from '../../routes.ts'
import { Button, LinkButton } from '../../ui/buttons/button.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'

const ofTheLink: readonly ClientErrorCode[] = ['not_an_invitation', 'invitation_refused']

/** Moves an invitation out of the address bar; the first page says that it's there. */
export function Join({ link }: { link: string }) {
  const accept = useCommand(async (commands) => {
    await commands.acceptInvitation(link)
    // A working invitation must not remain in the browser history.
    navigate(home, { replace: true })
  })
  const { run } = accept
  useEffect(() => void run(), [run])

  if (!accept.failure) return <Starting />
  // A problem with the link itself is permanent.
  const mayWork = !ofTheLink.includes(accept.failure.code)
  return (
    <Entrance title={t`Your invitation`}>
      <FailureNotice failure={accept.failure} />
      <Actions>
        {mayWork && (
          <Button look="main" busy={accept.busy} onClick={run}>
            <Trans>Try again</Trans>
          </Button>
        )}
        <LinkButton href={hrefOf(home)} look={mayWork ? 'plain' : 'main'}>
          <Trans>Continue without it</Trans>
        </LinkButton>
      </Actions>
    </Entrance>
  )
}
