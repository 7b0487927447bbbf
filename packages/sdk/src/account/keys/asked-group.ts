import type { AccountContext } from '../state/account-context.ts'

const RECOVERY_GROUPS = 8

/** Which group of a code to ask for, counted from 1. */
export function askedGroup({ random }: Pick<AccountContext, 'random'>): number {
  return 1 + Math.floor(random() * RECOVERY_GROUPS)
}
