import type { SessionView } from '../api/views.ts'
import type { Login } from '../storage/records/account.ts'
import type { AccountState } from './state/account-state.ts'

/** Facts about the session that the account's states don't include. */
export interface SessionFacts {
  /** Something was started but not stored yet. */
  readonly isStarting: boolean
  /** The decrypted code that the person still has to confirm. */
  readonly recoveryCode: string | undefined
}

/** The session as the app shows it. */
export function sessionView(state: AccountState, facts: SessionFacts): SessionView {
  if (facts.isStarting) return { stage: 'starting' }
  const { login } = state.memory
  switch (state.logIn) {
    case 'open':
    case 'logging_out':
      return login ? stageView(state, login, facts) : { stage: 'starting' }
    case 'storage_lost':
      return { stage: 'signed_out', reason: 'storage_lost' }
    default:
      return signedOutView(state)
  }
}

function signedOutView({ memory: { login, own } }: AccountState): SessionView {
  const reason = login?.ended
  if (!reason || reason === 'logged_out') return { stage: 'signed_out' }
  const renewed = own?.renewed ?? login.renewed
  return { stage: 'signed_out', reason, ...(renewed && { renewed }) }
}

function stageView(state: AccountState, login: Login, facts: SessionFacts): SessionView {
  const { accountId, signedUpWith, ways, newKeysStopped, newKeysDueAt, renewed } = login
  switch (state.stage) {
    case 'unknown':
      return { stage: 'starting' }
    case 'needs_profile':
      return { stage: 'needs_profile', accountId, signedUpWith }
    case 'locked':
      return {
        stage: 'locked',
        accountId,
        ways,
        ...(newKeysStopped && { newKeysStopped: true }),
        ...(renewed && { renewed }),
      }
    case 'new_keys_wait':
      return { stage: 'new_keys_wait', accountId, dueAt: newKeysDueAt ?? 0 }
    default:
      return unlockedView(state, accountId, facts)
  }
}

/** There is nothing to show until the device is enrolled. */
function unlockedView(
  state: AccountState,
  accountId: Login['accountId'],
  facts: SessionFacts,
): SessionView {
  const { own, keys, device, pendingCode } = state.memory
  if (!own || !keys || !device) return { stage: 'starting' }
  if (state.stage === 'confirm_recovery' && pendingCode) {
    const { askedGroup } = pendingCode
    const recoveryCode = facts.recoveryCode ?? ''
    const isRenewal = own.successions !== undefined && ({ isRenewal: true } as const)
    return { stage: 'confirm_recovery', accountId, recoveryCode, askedGroup, ...isRenewal }
  }
  const me = state.profile()
  if (!own.replaced) return { stage: 'ready', me }
  const { renewed } = own
  return { stage: 'ready', me, warning: 'own_key_replaced', ...(renewed && { renewed }) }
}
