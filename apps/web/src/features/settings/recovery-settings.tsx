import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import styles from '../../layout/sections.module.css'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { RecoverySteps } from '../recovery/recovery-steps.tsx'

/** Replaces the recovery code. */
export function RecoverySettings() {
  const [made, setMade] = useState<{ recoveryCode: string; askedGroup: number } | null>(null)
  const [isDone, setIsDone] = useState(false)
  const renew = useCommand(async (commands) => setMade(await commands.renewRecoveryCode()))
  const confirm = useCommand(async (commands, group: string) => {
    await commands.confirmRecovery(group)
    setMade(null)
    setIsDone(true)
  })

  if (made) {
    return (
      <RecoverySteps
        {...made}
        busy={confirm.busy}
        failure={confirm.failure}
        onConfirm={confirm.run}
      />
    )
  }
  return (
    <>
      {isDone && (
        <Notice tone="ok" title={t`Your new code is active. The old one no longer works.`} />
      )}
      <p>
        <Trans>
          Your recovery code opens your keys and messages in a new browser. Sotto can’t show it
          again because only you have it. If you lost it or someone else has seen it, create a new
          one.
        </Trans>
      </p>
      <p className={styles.quiet}>
        <Trans>Your old code works until you confirm the new one.</Trans>
      </p>
      <FailureNotice failure={renew.failure} />
      <Actions>
        <Button look="main" busy={renew.busy} onClick={() => renew.run()}>
          <Trans>Create new code</Trans>
        </Button>
      </Actions>
    </>
  )
}
