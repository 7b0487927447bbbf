import { AccountId, DeviceId, MAX_DEVICES, Moment } from '@sotto/wire'
import { z } from 'zod'
import { DomainError } from '../errors.ts'
import { askInternal } from './ask-internal.ts'

/** The path on the internal listener of the auth service. */
export const LAST_SEEN_PATH = '/last-seen'

export const LastSeenRequest = z.strictObject({
  accountId: AccountId,
  deviceIds: z.array(DeviceId).max(MAX_DEVICES),
})
export type LastSeenRequest = z.infer<typeof LastSeenRequest>

/** Null if no session of these devices is remembered. */
export const LastSeenAnswer = z.strictObject({ lastSeenAt: Moment.nullable() })

/**
 * When any of these devices of an account last used its session. Throws `unavailable` if the auth
 * service does not answer.
 */
export type FindLastSeen = (request: LastSeenRequest) => Promise<number | null>

/** Asks the internal listener of the auth service at `baseUrl`. */
export function remoteLastSeen(baseUrl: string): FindLastSeen {
  const url = new URL(LAST_SEEN_PATH, baseUrl)
  return async (request) => {
    const answer = await askInternal(url, request, LastSeenAnswer)
    // An instance of the previous version, which is about to be replaced.
    if (answer === 'not there') throw new DomainError('unavailable')
    return answer.lastSeenAt
  }
}
