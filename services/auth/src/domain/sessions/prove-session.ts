import type { ProvenDevice } from '@sotto/service-runtime'
import { logInOfChallenge } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import { resumeSession } from './lost-session.ts'
import { proveLogIn } from './prove-log-in.ts'

/**
 * A device has signed a challenge with a key that its account's identity key vouches for, which the chat service
 * has checked: its log-in counts as one of the account's from now on, or goes on after it was lost. False when
 * there is no such session.
 */
export async function proveSession(context: AuthContext, proven: ProvenDevice): Promise<boolean> {
  const { challenge, accountId, deviceId } = proven
  const sessionId = logInOfChallenge(challenge)
  if (!sessionId) return resumeSession(context, proven)
  return proveLogIn(context, { sessionId, accountId, deviceId })
}
