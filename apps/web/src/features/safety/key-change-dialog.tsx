import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ContactView } from '@sotto/sdk'
import { useCommand, useLoaded } from '../../client/hooks/use-command.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { DigitGroups, inGroups } from '../../ui/codes/digit-groups.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { Dialog, DialogActions } from '../../ui/overlays/dialog.tsx'
import { PersonName } from '../../ui/people/person-name.tsx'

interface Props {
  readonly contact: ContactView
  readonly open: boolean
  readonly onClose: () => void
}

/** Explains what a changed key may mean, and asks for a decision; nothing is sent before that. */
export function KeyChangeDialog({ contact, open, onClose }: Props) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={
        <Trans>
          <PersonName name={contact.name} /> has a new key
        </Trans>
      }
    >
      <KeyChange contact={contact} onClose={onClose} />
    </Dialog>
  )
}

function KeyChange({ contact, onClose }: Omit<Props, 'open'>) {
  const { accountId, name } = contact
  const number = useLoaded(accountId, (commands) => commands.safetyNumber(accountId))
  const digits = number.state === 'loaded' ? number.value.changedDigits : null
  const accept = useCommand(async (commands, seenDigits: string) => {
    await commands.acceptChangedKey(accountId, seenDigits)
    onClose()
  })
  // The person decides about the number on the screen: without it there is nothing to decide.
  const decide = digits === null ? undefined : () => accept.run(digits)
  return (
    <>
      <p>
        <Trans>
          <PersonName name={name} /> may have started with new keys. But you would also see this if
          someone else, or this server, were trying to read your messages.
        </Trans>
      </p>
      <p>
        <Trans>
          Ask <PersonName name={name} /> in person, or on a call where you recognize their voice.
          With the new key, you should both see this number:
        </Trans>
      </p>
      {digits && <DigitGroups groups={inGroups(digits, 5)} label={t`New safety number`} />}
      {number.state === 'loading' && (
        <p>
          <Trans>Calculating the number…</Trans>
        </p>
      )}
      {number.state === 'loaded' && digits === null && (
        <p>
          <Trans>The server no longer shows a new key. There’s nothing to decide.</Trans>
        </p>
      )}
      {number.state === 'failed' && <FailureNotice failure={number.failure} />}
      <FailureNotice failure={accept.failure} />
      <DialogActions>
        <Button onClick={onClose}>
          <Trans>Not now</Trans>
        </Button>
        <Button look="danger" busy={accept.busy} disabled={!decide} onClick={decide}>
          <Trans>Continue with the new key</Trans>
        </Button>
      </DialogActions>
    </>
  )
}
