import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions, Form } from '../../ui/forms/form.tsx'
import { PasswordField } from '../../ui/forms/password-field.tsx'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { Dialog, DialogActions } from '../../ui/overlays/dialog.tsx'
import { saveFile } from '../../ui/save-file.ts'

const MIN_PASSPHRASE_CHARS = 10
const FILE_NAME = 'sotto-private-key.pem'

/** Saves the private RSA key as a file: encrypted, or unencrypted after a warning. */
export function SavePem({ onSaved }: { onSaved?: () => void }) {
  const [passphrase, setPassphrase] = useState('')
  const [asked, setAsked] = useState(false)
  const [isWarning, setIsWarning] = useState(false)
  const [isSaved, setIsSaved] = useState(false)
  const save = useCommand(async (commands, secret: string | null) => {
    saveFile(FILE_NAME, await commands.exportPem(secret))
    setIsWarning(false)
    setIsSaved(true)
    onSaved?.()
  })
  const missing = MIN_PASSPHRASE_CHARS - [...passphrase].length
  const problem =
    missing > 0
      ? plural(missing, { one: '# more character needed.', other: '# more characters needed.' })
      : null

  const submit = () => {
    setAsked(true)
    if (!problem) void save.run(passphrase)
  }
  return (
    <>
      <Form onSubmit={submit}>
        <PasswordField
          label={t`Passphrase for the file`}
          autoComplete="off"
          value={passphrase}
          problem={asked ? problem : null}
          hint={t`The file only opens with this passphrase. OpenSSL and other programs can read it, too.`}
          onChange={(event) => setPassphrase(event.target.value)}
        />
        {!isWarning && <FailureNotice failure={save.failure} />}
        {isSaved && <Notice tone="ok" title={t`Saved as ${FILE_NAME}.`} />}
        <Actions>
          <Button type="submit" look="main" icon="download" busy={save.busy}>
            <Trans>Download encrypted key</Trans>
          </Button>
          <Button look="plain" onClick={() => setIsWarning(true)}>
            <Trans>Without a passphrase…</Trans>
          </Button>
        </Actions>
      </Form>
      <Dialog
        open={isWarning}
        onClose={() => setIsWarning(false)}
        title={t`Save the key unencrypted?`}
      >
        <p>
          <Trans>
            Anyone who gets this file can read every message ever sent to you with the “rsa”
            protocol. That includes programs on this computer, anyone with access to its backups,
            and anyone who finds it.
          </Trans>
        </p>
        <FailureNotice failure={save.failure} />
        <DialogActions>
          <Button onClick={() => setIsWarning(false)}>
            <Trans>Cancel</Trans>
          </Button>
          <Button look="danger" icon="download" busy={save.busy} onClick={() => save.run(null)}>
            <Trans>Download unencrypted</Trans>
          </Button>
        </DialogActions>
      </Dialog>
    </>
  )
}
