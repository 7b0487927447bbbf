import { authRequests } from '@sotto/wire'
import { codeOf } from '../../api/errors.ts'
import type { AccountContext } from './account-context.ts'

/** At the start, finds out whether this device has lost stored data, so that the session view can say so. */
export async function findLosses(context: AccountContext): Promise<void> {
  if (!context.state.memory.login) await findLostStorage(context)
  await findDamage(context)
}

/** Without keys or profile, the server is asked again for the account's stage. Damaged records stay stored. */
async function findDamage({ state }: AccountContext): Promise<void> {
  const { login, own, keys } = state.memory
  const isMissing = login?.standing === 'unlocked' && !(own && keys)
  if (isMissing) await state.move({ stage: 'set_aside' })
}

/**
 * A browser may delete its storage and keep the cookie. Then that log-in is ended, because it belongs to a device whose
 * key and counters are lost.
 */
async function findLostStorage({ call, refreshIn, state }: AccountContext): Promise<void> {
  if (refreshIn !== 'cookie') return
  try {
    const answer = await call(authRequests.refresh, { body: {} })
    // There is usually no cookie, because nobody was logged in here.
    if ('session' in answer) return
    await state.move({ logIn: 'find_cookie' })
    await call(authRequests.logOut, {}, { token: answer.access_token })
  } catch (error) {
    // Without a connection, or if the cookie has expired, there is nothing to end.
    if (codeOf(error) === undefined) throw error
  }
}
