import { AccountId, DeviceId, SessionId } from '@sotto/wire'
import type { LoginDetails } from '../../src/account/state/stored-stages.ts'

/** The stored data of a new log-in. */
export const login: LoginDetails = {
  accountId: AccountId.parse(crypto.randomUUID()),
  sessionId: SessionId.parse(crypto.randomUUID()),
  deviceId: DeviceId.parse(crypto.randomUUID()),
  signedUpWith: 'phone',
  handle: '+41 79 123 45 67',
  refreshToken: 'a token',
  ways: [],
}
