import type { SessionView } from '@sotto/sdk'
import { useCommand } from '../../client/use-command.ts'
import { Entrance } from '../frame/entrance.tsx'
import { RecoverySteps } from './recovery-steps.tsx'

type Session = Extract<SessionView, { stage: 'confirm_recovery' }>

/** The last page of signing up, and of renewing the keys: the recovery code is shown and proven. */
export function ConfirmRecovery({ session }: { session: Session }) {
  const confirm = useCommand((commands, group: string) => commands.confirmRecovery(group))
  return (
    <Entrance
      title={session.isRenewal ? 'Your new recovery code' : 'Your recovery code'}
      intro={
        <p>
          {session.isRenewal && 'You have new keys, and the former code does not open them. '}
          Your keys are on this device only. If it is lost, or the browser clears its data, this
          code brings your messages back. Nobody else has it, not even this server: keep it on paper
          or in a password manager.
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
