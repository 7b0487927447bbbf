import {
  type AccountKeys,
  type DeviceKeyPair,
  encodeBase64url,
  signCredential,
} from '@sotto/crypto'
import { authRequests, chatRequests, type SessionId } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import type { SessionInfo } from './api.ts'
import { codeOf } from './errors.ts'
import type { Upload } from './stored.ts'

/** The signed statement that this device is one of the account's, to be sent. */
export async function signOwnCredential(
  { state, deviceName, now }: AccountContext,
  keys: AccountKeys,
  device: DeviceKeyPair,
): Promise<Upload> {
  const { accountId, deviceId } = state.login()
  const credential = await signCredential(keys.identity, {
    account: accountId,
    device: deviceId,
    deviceKey: encodeBase64url(device.publicKey),
    name: deviceName,
    issuedAt: now(),
  })
  return { kind: 'device', deviceId, credential }
}

/** The log-ins of this account. */
export async function listSessions({ authorized }: AccountContext): Promise<SessionInfo[]> {
  return (await authorized(authRequests.listSessions, {})).sessions
}

/** Logs another device out, and revokes it: what it would still sign does not count. */
export async function endSession(context: AccountContext, sessionId: SessionId): Promise<void> {
  const { authorized } = context
  const ended = (await listSessions(context)).find((session) => session.sessionId === sessionId)
  await authorized(authRequests.endSession, { params: { sessionId } })
  if (ended) await revoke(context, ended.deviceId)
}

/** Ends this device's enrolment, before everything on it is forgotten. */
export async function revokeThisDevice(context: AccountContext): Promise<void> {
  await revoke(context, context.state.login().deviceId)
}

async function revoke({ authorized }: AccountContext, deviceId: SessionInfo['deviceId']) {
  try {
    await authorized(chatRequests.revokeDevice, { params: { deviceId } })
  } catch (error) {
    const code = codeOf(error)
    if (code !== 'not_found' && code !== 'device_not_enrolled') throw error
  }
}
