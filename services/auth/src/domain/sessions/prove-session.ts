import type { ProvenDevice } from '@sotto/service-runtime'
import { logInOfChallenge } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import { resumeSession } from './lost-session.ts'
import { proveLogIn } from './prove-log-in.ts'

/**
 * Accepts a device's signature over a challenge, which the chat service has verified to be by a key
 * that the account's identity key vouches for. From now on, its log-in counts for the account, or
 * its lost session is restored. Returns false if there is no such session.
 */
export async function proveSession(context: AuthContext, proven: ProvenDevice): Promise<boolean> {
  const { challenge, accountId, deviceId } = proven
  const sessionId = logInOfChallenge(challenge)
  if (!sessionId) return resumeSession(context, proven)
  return proveLogIn(context, { sessionId, accountId, deviceId })
}
