import { useRef, useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { Actions, Form } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { KeyFileFailure } from './key-file-failure.tsx'
import styles from './load-pem.module.css'

const MAX_FILE_BYTES = 64 * 1024

interface KeyFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

const words = {
  locked:
    'If you saved your RSA key as a file, your old messages by protocol “rsa” can be read again.',
  settings:
    'Loads an RSA key that you saved as a file, so that messages encrypted to it open here.',
}

/** Loads an RSA private key from its file. */
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
    // One byte too many tells that the file is too large.
    const beginning = await chosen.slice(0, MAX_FILE_BYTES + 1).arrayBuffer()
    setFile({ name: chosen.name, bytes: new Uint8Array(beginning) })
    load.forget()
  }

  if (isLoaded) return <Notice tone="ok" title="The RSA key from your file is loaded." />
  return (
    <section className={styles.load}>
      <h2>Your RSA key from a file</h2>
      <p>{words[purpose]}</p>
      <input
        ref={input}
        type="file"
        accept=".pem,.key,.der,.p8,.p12,.pfx,.ppk,application/x-pem-file,application/pkcs8,application/x-pkcs12,text/plain"
        hidden
        aria-label="PEM file"
        onChange={(event) => void choose(event.target.files?.[0])}
      />
      <Actions>
        <Button icon="key" onClick={() => input.current?.click()}>
          {file ? 'Choose another file' : 'Choose .pem file'}
        </Button>
      </Actions>
      {file && (
        <Form onSubmit={() => load.run()}>
          <PasswordField
            label={`Passphrase of ${file.name}`}
            autoComplete="off"
            value={passphrase}
            hint="Leave it empty if the file is not encrypted."
            onChange={(event) => setPassphrase(event.target.value)}
          />
          <KeyFileFailure failure={load.failure} fileName={file.name} />
          <Actions>
            <Button type="submit" look="main" busy={load.busy}>
              Load the key
            </Button>
          </Actions>
        </Form>
      )}
    </section>
  )
}
