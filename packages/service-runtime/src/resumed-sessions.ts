import { AccountId, DeviceId, SessionChallenge } from '@sotto/wire'
import { z } from 'zod'
import { askInternal } from './ask-internal.ts'
import { DomainError } from './errors.ts'

/** Where the internal listener of the auth service is told that a device has answered a challenge. */
export const RESUMED_SESSIONS_PATH = '/resumed-sessions'

/** A device that has proven to be one of the account's, and the challenge that it has signed. */
export const ProvenDevice = z.strictObject({
  challenge: SessionChallenge,
  accountId: AccountId,
  deviceId: DeviceId,
})
export type ProvenDevice = z.infer<typeof ProvenDevice>

export const ResumeAnswer = z.strictObject({ isResumed: z.boolean() })

/**
 * The session that the challenge is about counts as the device's: a log-in is proven, a lost session goes on.
 * False when it may not. Throws `unavailable` when the
 * auth service cannot be asked.
 */
export type ResumeSession = (proven: ProvenDevice) => Promise<boolean>

/** Tells the internal listener of the auth service at `baseUrl`. */
export function remoteResumeSession(baseUrl: string): ResumeSession {
  const url = new URL(RESUMED_SESSIONS_PATH, baseUrl)
  return async (proven) => {
    const answer = await askInternal(url, proven, ResumeAnswer)
    // The challenge is of a later version, an instance of which is about to take the place of this one.
    if (answer === 'not there') throw new DomainError('unavailable')
    return answer.isResumed
  }
}
