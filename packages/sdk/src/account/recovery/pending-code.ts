import { parseRecoveryCode, type RecoveryCode, vaultOpen } from '@sotto/crypto'
import { CODE_LABEL } from '../keys/device-secrets.ts'
import type { AccountContext } from '../state/account-context.ts'

/** The recovery code that the person still has to confirm, or undefined. */
export async function loadPendingCode({
  state,
}: AccountContext): Promise<RecoveryCode | undefined> {
  const { pendingCode } = state.memory
  if (!pendingCode) return undefined
  const bytes = await vaultOpen(await state.vault(), CODE_LABEL, pendingCode.sealedCode)
  return parseRecoveryCode(new TextDecoder().decode(bytes))
}
