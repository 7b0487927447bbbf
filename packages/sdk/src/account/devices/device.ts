import { authRequests, type DeviceId, type SessionId } from '@sotto/wire'
import type { SessionInfo } from '../../api/answers.ts'
import { codeOf } from '../../api/errors.ts'
import { isRevokedIn } from '../../published/published-keys.ts'
import { loadCode } from '../../scheduling/load-code.ts'
import { publish } from '../keys/own-record.ts'
import type { AccountContext } from '../state/account-context.ts'

const MAX_CLOCK_DIFFERENCE_MS = 24 * 60 * 60 * 1000

/** This account's log-ins. */
export async function listSessions({ authorized }: AccountContext): Promise<SessionInfo[]> {
  return (await authorized(authRequests.listSessions, {})).sessions
}

/**
 * Ends another session and revokes its device, so that nothing it signs afterwards counts. If the log-in has not proven
 * a device key, only the session ends, because the device id it names may be another device's.
 */
export async function endSession(context: AccountContext, sessionId: SessionId): Promise<void> {
  const ended = (await listSessions(context)).find((session) => session.sessionId === sessionId)
  if (ended && ended.proven !== false) await revoke(context, ended.deviceId)
  await end(context, sessionId)
}

async function end({ authorized }: AccountContext, sessionId: SessionId): Promise<void> {
  try {
    await authorized(authRequests.endSession, { params: { sessionId } })
  } catch (error) {
    // The server ends the sessions of a revoked device itself and may already have done so.
    if (codeOf(error) !== 'session_not_found') throw error
  }
}

/** Revokes a device and ends its sessions, whether the server lists any or not. */
export async function removeDevice(context: AccountContext, deviceId: DeviceId): Promise<void> {
  await revoke(context, deviceId)
  for (const session of await listSessions(context)) {
    if (session.deviceId === deviceId) await end(context, session.sessionId)
  }
}

/** Revokes this device, before everything on it is erased. */
export async function revokeThisDevice(context: AccountContext): Promise<void> {
  await revoke(context, context.state.login().deviceId)
}

/** Publishes a record that revokes a device. */
async function revoke(context: AccountContext, device: DeviceId): Promise<void> {
  const { own } = context.state.me()
  if (isRevokedIn(own.record, device)) return
  const now = context.now()
  const newest = await newestAcceptance(context)
  // With a time far in the future the revoked device would count until then, and that can't be corrected.
  const at = newest > now + MAX_CLOCK_DIFFERENCE_MS ? now : Math.max(now, newest)
  await publish(context, ({ picture, record }) => ({
    picture,
    revoked: isRevokedIn(record, device) ? record.revoked : [...record.revoked, { device, at }],
  }))
}

/** The latest server time that this device knows; its own clock may be slow. */
async function newestAcceptance({ storage }: AccountContext): Promise<number> {
  const { readLogEnds } = await loadCode(() => import('../../storage/records/log-ends.ts'))
  const [latest] = await readLogEnds(storage)
  return latest?.updatedAt ?? 0
}
