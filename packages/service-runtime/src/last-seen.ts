import { AccountId, DeviceId, MAX_DEVICES, Moment } from '@sotto/wire'
import { z } from 'zod'
import { askInternal } from './ask-internal.ts'
import { DomainError } from './errors.ts'

/** Where the internal listener of the auth service tells when devices were seen last. */
export const LAST_SEEN_PATH = '/last-seen'

export const LastSeenRequest = z.strictObject({
  accountId: AccountId,
  deviceIds: z.array(DeviceId).max(MAX_DEVICES),
})
export type LastSeenRequest = z.infer<typeof LastSeenRequest>

/** Null when none of them has had a session that is remembered. */
export const LastSeenAnswer = z.strictObject({ lastSeenAt: Moment.nullable() })

/** When any of these devices of an account used its log-in last. Throws `unavailable` when nobody answers. */
export type FindLastSeen = (request: LastSeenRequest) => Promise<number | null>

/** Asks the internal listener of the auth service at `baseUrl`. */
export function remoteLastSeen(baseUrl: string): FindLastSeen {
  const url = new URL(LAST_SEEN_PATH, baseUrl)
  return async (request) => {
    const answer = await askInternal(url, request, LastSeenAnswer)
    // An instance of the version before, which is about to be replaced.
    if (answer === 'not there') throw new DomainError('unavailable')
    return answer.lastSeenAt
  }
}
