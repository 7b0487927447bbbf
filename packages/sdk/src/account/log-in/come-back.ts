import { ClientError, codeOf } from '../../api/errors.ts'
import type { Login } from '../../storage/stored.ts'
import { reasonIn } from '../../transport/tokens.ts'
import type { AccountContext } from '../state/account-context.ts'

/**
 * Whether a session has ended because the server has lost something, which it may find again: it was asked
 * before its backup was there, or another backup takes the place of that one.
 */
export function mayComeBack(login: Login | undefined): login is Login {
  return login !== undefined && isLoss(login.ended)
}

const isLoss = (ended: Login['ended']) => ended === 'account_gone' || ended === 'session_lost'

/** What a log-in is once it has ended; what may come back keeps its refresh token. */
export function endedFor(
  { refreshToken }: Login,
  ended: NonNullable<Login['ended']>,
): Pick<Login, 'ended' | 'refreshToken'> {
  return { ended, refreshToken: isLoss(ended) ? refreshToken : null }
}

/**
 * Asks the server whether a session goes on that it had lost. Throws `unavailable` while it may find it
 * again: ask later.
 */
export async function comeBack({ state, tokens }: AccountContext): Promise<void> {
  if (!mayComeBack(state.memory.login)) return
  const change = async (to: (login: Login) => Partial<Login>) => {
    const { login } = state.memory
    // Who logs out meanwhile stays out.
    if (mayComeBack(login)) await state.save({ login: { ...login, ...to(login) } })
  }
  try {
    await state.reviving(() => tokens.access())
  } catch (error) {
    if (codeOf(error) !== 'refresh_refused') throw error
    const ended = reasonIn(error)
    await change((login) => endedFor(login, ended))
    if (isLoss(ended)) throw new ClientError('unavailable', undefined, { cause: error })
    return
  }
  await change(() => ({ ended: null }))
}
