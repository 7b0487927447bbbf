import { i18n } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useRef, useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions, Form } from '../../ui/forms/form.tsx'
import { PasswordField } from '../../ui/forms/password-field.tsx'
import { Notice } from '../../ui/notices/notice.tsx'
import { KeyFileFailure } from './key-file-failure.tsx'
import styles from './load-pem.module.css'

const MAX_FILE_BYTES = 64 * 1024

interface KeyFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

const words = {
  locked: msg`If you saved your RSA key as a file, you can read your old “rsa” messages again.`,
  settings: msg`Import an RSA key you saved as a file to read messages encrypted to it here.`,
}

/** Loads an RSA private key from a file. */
export function LoadPem({ purpose }: { purpose: 'locked' | 'settings' }) {
  const [file, setFile] = useState<KeyFile | null>(null)
  const [passphrase, setPassphrase] = useState('')
  const [isLoaded, setIsLoaded] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const load = useCommand(async (commands) => {
    if (!file) return
    await commands.importPem(file.bytes, passphrase === '' ? null : passphrase)
    setIsLoaded(true)
  })
  const choose = async (chosen: File | undefined) => {
    if (!chosen) return
    // One extra byte shows that the file is too large.
    const beginning = await chosen.slice(0, MAX_FILE_BYTES + 1).arrayBuffer()
    setFile({ name: chosen.name, bytes: new Uint8Array(beginning) })
    load.forget()
  }

  if (isLoaded) return <Notice tone="ok" title={t`Your RSA key was imported.`} />
  return (
    <section className={styles.load}>
      <h2>
        <Trans>Import an RSA key from a file</Trans>
      </h2>
      <p>{i18n._(words[purpose])}</p>
      <input
        ref={input}
        type="file"
        accept=".pem,.key,.der,.p8,.p12,.pfx,.ppk,application/x-pem-file,application/pkcs8,application/x-pkcs12,text/plain"
        hidden
        aria-label={t`PEM file`}
        onChange={(event) => void choose(event.target.files?.[0])}
      />
      <Actions>
        <Button icon="key" onClick={() => input.current?.click()}>
          {file ? t`Choose another file` : t`Choose .pem file`}
        </Button>
      </Actions>
      {file && (
        <Form onSubmit={() => load.run()}>
          <PasswordField
            label={t`Passphrase for ${{ fileName: file.name }}`}
            autoComplete="off"
            value={passphrase}
            hint={t`Leave empty if the file isn’t encrypted.`}
            onChange={(event) => setPassphrase(event.target.value)}
          />
          <KeyFileFailure failure={load.failure} fileName={file.name} />
          <Actions>
            <Button type="submit" look="main" busy={load.busy}>
              <Trans>Import key</Trans>
            </Button>
          </Actions>
        </Form>
      )}
    </section>
  )
}
