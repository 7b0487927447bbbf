import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { SessionView } from '@sotto/sdk'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Entrance } from '../../layout/entrance.tsx'
import { RecoverySteps } from './recovery-steps.tsx'

type Session = Extract<SessionView, { stage: 'confirm_recovery' }>

/** The last page of signing up and of renewing the keys: shows the recovery code and checks it. */
export function ConfirmRecovery({ session }: { session: Session }) {
  const confirm = useCommand((commands, group: string) => commands.confirmRecovery(group))
  return (
    <Entrance
      title={session.isRenewal ? t`Your new recovery code` : t`Your recovery code`}
      intro={
        <p>
          {session.isRenewal && (
            <>
              <Trans>You have new keys, and your old code doesn’t open them.</Trans>{' '}
            </>
          )}
          <Trans>
            Your keys exist only on this device. If you lose it or the browser clears its data, this
            code brings your messages back. No one else has it, not even this server. Keep it on
            paper or in a password manager.
          </Trans>
        </p>
      }
    >
      <RecoverySteps
        recoveryCode={session.recoveryCode}
        askedGroup={session.askedGroup}
        busy={confirm.busy}
        failure={confirm.failure}
        onConfirm={confirm.run}
      />
    </Entrance>
  )
}
