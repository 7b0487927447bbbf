import { ClientError, codeOf } from '../../api/errors.ts'
import { reasonIn } from '../../transport/tokens.ts'
import type { AccountContext } from '../state/account-context.ts'
import { isLoss } from '../state/stored-stages.ts'

type Asker = Pick<AccountContext, 'state' | 'tokens'>

/**
 * Asks the server whether a lost session is valid again: it may have been asked before its backup was restored, or a
 * different backup may have been restored since. Throws `unavailable` if the session may still come back, so ask again
 * later.
 */
export async function comeBack(context: Asker): Promise<void> {
  const { state } = context
  if (!(await state.move({ logIn: 'ask' }))) return
  try {
    await ask(context)
  } catch (error) {
    await state.move({ logIn: 'still_lost' })
    throw error
  }
}

async function ask({ state, tokens }: Asker): Promise<void> {
  try {
    await tokens.access()
  } catch (error) {
    if (codeOf(error) !== 'refresh_refused') throw error
    const reason = reasonIn(error)
    await state.move({ logIn: isLoss(reason) ? 'still_lost' : 'is_over' }, { reason })
    if (isLoss(reason)) throw new ClientError('unavailable', undefined, { cause: error })
    return
  }
  await state.move({ logIn: 'goes_on' })
}
