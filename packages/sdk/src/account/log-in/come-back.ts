import { ClientError, codeOf } from '../../api/errors.ts'
import { reasonIn } from '../../transport/tokens.ts'
import type { AccountContext } from '../state/account-context.ts'
import { isLoss } from '../state/stored-stages.ts'

type Asker = Pick<AccountContext, 'state' | 'tokens'>

/**
 * Asks the server whether a session goes on that it had lost: it was asked before its backup was there, or another
 * backup takes the place of that one. Throws `unavailable` while it may find it again: ask later.
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
