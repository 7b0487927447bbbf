import type { SessionView } from '../api/commands.ts'
import type { AccountState } from './state/account-state.ts'

/** What is known about the session besides what is stored. */
export interface SessionFacts {
  readonly isStarting: boolean
  /** The cookie of this browser works, and what belongs to it is gone. */
  readonly isStorageLost: boolean
  /** The code that waits to be confirmed, opened. */
  readonly recoveryCode: string | undefined
}

/** Where the person stands. */
export function sessionView(state: AccountState, facts: SessionFacts): SessionView {
  const { login, own, keys, device, pendingCode } = state.memory
  if (facts.isStarting) return { stage: 'starting' }
  if (!login || login.ended) {
    const ended = login?.ended
    const renewed = own?.renewed ?? login?.renewed
    if (ended && ended !== 'logged_out') {
      return { stage: 'signed_out', reason: ended, ...(renewed && { renewed }) }
    }
    if (facts.isStorageLost) return { stage: 'signed_out', reason: 'storage_lost' }
    return { stage: 'signed_out' }
  }
  const { accountId, standing, signedUpWith, ways } = login
  if (standing === 'needs_profile') return { stage: 'needs_profile', accountId, signedUpWith }
  if (standing === 'locked') {
    return {
      stage: 'locked',
      accountId,
      ways,
      ...(login.newKeysStopped && { newKeysStopped: true }),
      ...(login.renewed && { renewed: login.renewed }),
    }
  }
  const dueAt = login.newKeysDueAt
  if (dueAt !== undefined) return { stage: 'new_keys_wait', accountId, dueAt }
  if (!own || !keys || !device) return { stage: 'starting' }
  if (pendingCode?.purpose === 'setup') {
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
