import {
  findRecoveryCodes,
  generateRecoveryCode,
  parseRecoveryCode,
  unwrapRootSecret,
  vaultSeal,
  wrapRootSecret,
} from '@sotto/crypto'
import { ClientError } from '../../api/errors.ts'
import { askedGroup, CODE_LABEL } from '../keys/make-keys.ts'
import { withNewWrap } from '../keys/wraps.ts'
import type { AccountContext } from '../state/account-context.ts'
import { putWrap } from '../state/signed-writes.ts'
import { loadPendingCode } from './pending-code.ts'
import { findShownAccount, isNamed, tryOpener, unlock } from './unlock.ts'

/**
 * Proves that the code was written down: the typed group has to be right, and the code it makes with
 * the others has to open its wrap. Throws `recovery_code_mismatch`. The code is then gone from here.
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

/** A new code; the old one goes on opening the keys until the new one is confirmed. */
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
 * Opens the keys of a locked device with a recovery code, or with a text that holds one, or several.
 * Throws `recovery_code_wrong`, with `mistyped` in the details when there is no whole code in it, or
 * `wrap_damaged` when no code can open what the server has: then the code is not at fault.
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
