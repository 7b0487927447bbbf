import { expect } from 'vitest'
import type { AuthUnderTest } from '../auth-under-test.ts'

/** Requests a code by SMS. */
export const askForCode = (auth: AuthUnderTest, phone: string, ip?: string, knownDevice?: string) =>
  auth.call('POST', '/auth/phone/start', {
    body: { phone, ...(knownDevice && { knownDevice }) },
    ...(ip && { ip }),
  })

export const limited = { code: 'rate_limited', details: { retryAfterSeconds: expect.any(Number) } }
