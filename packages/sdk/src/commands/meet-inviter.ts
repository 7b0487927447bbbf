import { ClientError, codeOf } from '../api/errors.ts'
import type { CatchUpDependencies } from '../receiving/catch-up.ts'
import { remove } from '../storage/record-kind.ts'
import { INVITED_BY } from '../storage/records/account.ts'
import { startConversation } from './conversation-commands.ts'

/**
 * Starts the conversation with the inviter, under the identity key in the link. Throws `untrusted_answer`, once, if the
 * server shows another key.
 */
export async function meetInviter(deps: CatchUpDependencies): Promise<void> {
  const { storage, contacts } = deps
  const inviter = await storage.load(INVITED_BY)
  if (!inviter) return
  const { accountId, identityKey } = inviter
  const { identityKey: pinned } = await contacts.pin(accountId, identityKey)
  try {
    if (pinned === identityKey) await startConversation(deps, [accountId], 'ecdh')
  } catch (error) {
    if (codeOf(error) !== 'key_changed') throw error
    await storage.write([remove(INVITED_BY)])
    throw new ClientError('untrusted_answer', undefined, { cause: error })
  }
  await storage.write([remove(INVITED_BY)])
}
