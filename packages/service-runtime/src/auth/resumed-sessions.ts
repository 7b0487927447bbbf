import { AccountId, DeviceId, SessionChallenge } from '@sotto/wire'
import { z } from 'zod'
import { DomainError } from '../errors.ts'
import { askInternal } from './ask-internal.ts'

/** The path on the internal listener of the auth service. */
export const RESUMED_SESSIONS_PATH = '/resumed-sessions'

/**
 * A device that has proven that it belongs to the account, and the challenge that it has signed.
 */
export const ProvenDevice = z.strictObject({
  challenge: SessionChallenge,
  accountId: AccountId,
  deviceId: DeviceId,
})
export type ProvenDevice = z.infer<typeof ProvenDevice>

export const ResumeAnswer = z.strictObject({ isResumed: z.boolean() })

/**
 * Accepts a device's proof for the session that the challenge refers to: a log-in becomes proven, a
 * lost session is restored. Returns false if that is not allowed. Throws `unavailable` if the auth
 * service cannot be asked.
 */
export type ResumeSession = (proven: ProvenDevice) => Promise<boolean>

/** Calls the internal listener of the auth service at `baseUrl`. */
export function remoteResumeSession(baseUrl: string): ResumeSession {
  const url = new URL(RESUMED_SESSIONS_PATH, baseUrl)
  return async (proven) => {
    const answer = await askInternal(url, proven, ResumeAnswer)
    // The challenge is from a later version, which is about to replace this one.
    if (answer === 'not there') throw new DomainError('unavailable')
    return answer.isResumed
  }
}
