import { useCommand } from '../../client/use-command.ts'
import { useMe } from '../../client/use-view.ts'
import { Button } from '../../ui/button.tsx'
import { Actions } from '../../ui/form.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import { LoadPem } from '../recovery/load-pem.tsx'
import { SavePem } from '../recovery/save-pem.tsx'
import styles from './settings.module.css'

/** The key of protocol `rsa`: made here, saved as a file, loaded from one. */
export function RsaKey() {
  const { hasRsaKey } = useMe()
  return (
    <>
      {hasRsaKey ? <SaveKey /> : <MakeKey />}
      <div className={styles.section}>
        <LoadPem purpose="settings" />
      </div>
    </>
  )
}

function SaveKey() {
  return (
    <section className={styles.section}>
      <h2>Save your RSA key as a file</h2>
      <p className={styles.quiet}>
        With the file and its passphrase you can read messages by protocol “rsa” on any device, with
        or without Sotto.
      </p>
      <SavePem />
    </section>
  )
}

function MakeKey() {
  const make = useCommand((commands) => commands.createRsaKey())
  return (
    <section className={styles.section}>
      <h2>You have no RSA key yet</h2>
      <p className={styles.quiet}>
        It is needed for conversations by protocol “rsa”: 3072 bits, made on this device. Others see
        its public half.
      </p>
      <FailureNotice failure={make.failure} />
      <Actions>
        <Button look="main" icon="key" busy={make.busy} onClick={() => make.run()}>
          {make.busy ? 'Making it …' : 'Make an RSA key'}
        </Button>
      </Actions>
    </section>
  )
}
