import {
  findRecoveryCodes,
  generateRecoveryCode,
  parseRecoveryCode,
  unwrapRootSecret,
  vaultSeal,
  wrapRootSecret,
} from '@sotto/crypto'
import { ClientError } from '../../api/errors.ts'
import { askedGroup } from '../keys/asked-group.ts'
import { CODE_LABEL } from '../keys/device-secrets.ts'
import { withNewWrap } from '../keys/wraps.ts'
import type { AccountContext } from '../state/account-context.ts'
import { putWrap } from '../state/signed-writes.ts'
import { loadPendingCode } from './pending-code.ts'
import { findShownAccount, isNamed, tryOpener, unlock } from './unlock.ts'

/**
 * Checks that the code was written down: the typed group must be right, and the complete code must open its wrap.
 * Throws `recovery_code_mismatch`. Afterwards the code is deleted here.
 */
export async function confirmRecovery(context: AccountContext, group: string): Promise<void> {
  const { state, authorized } = context
  const { accountId } = state.login()
  const { pendingCode } = state.memory
  const shown = await loadPendingCode(context)
  if (!pendingCode || !shown) throw new ClientError('recovery_code_mismatch')
  const typed = shown.split('-').with(pendingCode.askedGroup - 1, group)
  try {
    const code = await parseRecoveryCode(typed.join('-'))
    await unwrapRootSecret(pendingCode.wrap, { kind: 'recovery_code', code }, accountId)
  } catch {
    throw new ClientError('recovery_code_mismatch')
  }
  if (pendingCode.purpose === 'renewal') {
    const { wrap } = pendingCode
    await putWrap(context, authorized, wrap)
    await state.updateOwn((own) => withNewWrap(own, wrap))
  }
  await state.move({ stage: 'confirm' }, { pendingCode: undefined })
}

/** Makes a new code; the old one still opens the keys until the new one is confirmed. */
export async function renewRecoveryCode(
  context: AccountContext,
): Promise<{ recoveryCode: string; askedGroup: number }> {
  const { state } = context
  const { accountId } = state.login()
  const code = await generateRecoveryCode()
  const asked = askedGroup(context)
  const rootSecret = await state.rootSecret()
  const wrap = await wrapRootSecret(rootSecret, { kind: 'recovery_code', code }, accountId)
  const bytes = new TextEncoder().encode(code)
  const sealedCode = await vaultSeal(await state.vault(), CODE_LABEL, bytes)
  const pendingCode = { purpose: 'renewal', sealedCode, askedGroup: asked, wrap } as const
  await state.move({ stage: 'renew_code' }, { pendingCode })
  return { recoveryCode: code, askedGroup: asked }
}

/**
 * Unlocks a locked device with a recovery code, or with text that contains one or more. Throws `recovery_code_wrong`,
 * with `mistyped` in the details if there is no complete code in it, or `wrap_damaged` if no code can open the server's
 * wrap, in which case the code isn't at fault.
 */
export async function unlockWithRecoveryCode(context: AccountContext, text: string): Promise<void> {
  const { codes } = await findRecoveryCodes(text)
  if (codes.length === 0) throw new ClientError('recovery_code_wrong', { mistyped: true })
  const shown = await findShownAccount(context)
  if (!shown) throw new ClientError('untrusted_answer')
  for (const code of codes) {
    const rootSecret = await tryOpener(context, shown.wraps, { kind: 'recovery_code', code })
    if (rootSecret) return unlock(context, rootSecret, 'recovery_code', shown)
  }
  const isTheOne = await isNamed('recovery_code', shown)
  throw new ClientError(isTheOne ? 'recovery_code_wrong' : 'wrap_damaged')
}
