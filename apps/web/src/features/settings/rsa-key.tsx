import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useCommand } from '../../client/hooks/use-command.ts'
import { useMe } from '../../client/hooks/use-view.ts'
import styles from '../../layout/sections.module.css'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { LoadPem } from '../recovery/load-pem.tsx'
import { SavePem } from '../recovery/save-pem.tsx'

/** The key of protocol `rsa`: creates it, saves it as a file, or loads it from one. */
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
      <h2>
        <Trans>Save your RSA key as a file</Trans>
      </h2>
      <p className={styles.quiet}>
        <Trans>
          With the file and its passphrase, you can read “rsa” messages on any device, with or
          without Sotto.
        </Trans>
      </p>
      <SavePem />
    </section>
  )
}

function MakeKey() {
  const make = useCommand((commands) => commands.createRsaKey())
  return (
    <section className={styles.section}>
      <h2>
        <Trans>You don’t have an RSA key yet</Trans>
      </h2>
      <p className={styles.quiet}>
        <Trans>
          Conversations that use the “rsa” protocol need one. It has 3072 bits and is created on
          this device. Others see its public half.
        </Trans>
      </p>
      <FailureNotice failure={make.failure} />
      <Actions>
        <Button look="main" icon="key" busy={make.busy} onClick={() => make.run()}>
          {make.busy ? t`Creating key…` : t`Create RSA key`}
        </Button>
      </Actions>
    </section>
  )
}
