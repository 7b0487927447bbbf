import type { AccountContext } from './account-context.ts'
import { codeOf } from './errors.ts'
import { findPublished } from './own-answers.ts'
import { verifyAccount } from './verify-account.ts'

/**
 * Reads the account's boxes or manifest, and stops silently where they are of new keys. When the person starts
 * with new keys on another device, their boxes come before the record that names them: for a moment an honest
 * server shows what this device cannot open. Any other answer that cannot be right is thrown.
 */
export async function unlessStartedOver(
  context: AccountContext,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (codeOf(error) !== 'untrusted_answer') throw error
    await new Promise((resolve) => setTimeout(resolve, context.manifestWaitMs))
    if (!(await hasStartedOver(context))) throw error
  }
}

/** Whether the server shows a record of other keys. What that means is decided where the record is read. */
async function hasStartedOver(context: AccountContext): Promise<boolean> {
  try {
    const { own } = context.state.me()
    const published = await findPublished(context)
    const shown = published && (await verifyAccount(published, own.record.account))
    return shown !== undefined && shown.record.identityKey !== own.record.identityKey
  } catch (error) {
    if (codeOf(error) !== 'untrusted_answer') throw error
    return false
  }
}
