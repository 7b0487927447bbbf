import type { ContactView } from '@sotto/sdk'
import { useCommand, useLoaded } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog, DialogActions } from '../../ui/dialog.tsx'
import { DigitGroups, inGroups } from '../../ui/digit-groups.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import { PersonName } from '../../ui/person-name.tsx'

interface Props {
  readonly peer: ContactView
  readonly open: boolean
  readonly onClose: () => void
}

/** What a changed key may mean, and the decision without which nothing is sent. */
export function KeyChangeDialog({ peer, open, onClose }: Props) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={
        <>
          <PersonName name={peer.name} /> has a new key
        </>
      }
    >
      <KeyChange peer={peer} onClose={onClose} />
    </Dialog>
  )
}

function KeyChange({ peer, onClose }: Omit<Props, 'open'>) {
  const { accountId, name } = peer
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
        <PersonName name={name} /> may have started with new keys. It is also what you would see if
        another person, or this server, wanted to read what you write.
      </p>
      <p>
        Ask <PersonName name={name} /> in person, or in a call where you know the voice. With the
        new key, you should both see this number:
      </p>
      {digits && <DigitGroups groups={inGroups(digits, 5)} label="New safety number" />}
      {number.state === 'loading' && <p>Computing the number …</p>}
      {number.state === 'loaded' && digits === null && (
        <p>The server does not show a new key any more. There is nothing to decide.</p>
      )}
      {number.state === 'failed' && <FailureNotice failure={number.failure} />}
      <FailureNotice failure={accept.failure} />
      <DialogActions>
        <Button onClick={onClose}>Not now</Button>
        <Button look="danger" busy={accept.busy} disabled={!decide} onClick={decide}>
          Go on with the new key
        </Button>
      </DialogActions>
    </>
  )
}
