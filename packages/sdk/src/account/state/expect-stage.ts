import { ClientError } from '../../api/errors.ts'
import type { Stage } from './account-stages.ts'
import type { AccountState } from './account-state.ts'

/** Throws `unauthenticated` unless an account is logged in. */
export function isInStage(state: AccountState, stage: Stage): boolean {
  state.login()
  return state.stage === stage
}

export function expectStage(state: AccountState, stage: Stage): void {
  if (!isInStage(state, stage)) throw new ClientError('forbidden')
}
