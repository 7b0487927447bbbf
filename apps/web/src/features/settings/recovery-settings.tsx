import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { Actions } from '../../ui/form.tsx'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import { RecoverySteps } from '../recovery/recovery-steps.tsx'
import styles from './settings.module.css'

/** A new recovery code in place of the old one. */
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
        <Notice tone="ok" title="The new code holds. The old one opens nothing any more." />
      )}
      <p>
        Your recovery code opens your keys and messages on a new browser. It cannot be shown again,
        because nobody has it but you. If yours is lost, or somebody has seen it, make a new one.
      </p>
      <p className={styles.quiet}>The old code works until you have confirmed the new one.</p>
      <FailureNotice failure={renew.failure} />
      <Actions>
        <Button look="main" busy={renew.busy} onClick={() => renew.run()}>
          Make a new code
        </Button>
      </Actions>
    </>
  )
}
