import { DomainError, networkOf } from '@sotto/service-runtime'
import { type DeviceId, DeviceProof } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as devices from '../../store/devices/devices.ts'
import { parseStatement } from '../statements/statements.ts'
import { verifyStatement } from '../statements/verify-statement.ts'
import { admitDevice } from './admit-device.ts'
import { deviceKeyOf, parseCredential } from './enroll-device.ts'

/**
 * Notifies the auth service that a device has signed its challenge, if the device belongs to the
 * account. The account's own signature decides that, because after a restore the device may not be
 * enrolled here any more. Stores nothing. Throws `refresh_refused` if the session may not continue.
 */
export async function proveDevice(
  { sql, limits, resumeSession }: ChatContext,
  ip: string,
  request: { deviceId: DeviceId; credential: string; proof: string },
): Promise<void> {
  await limits.consume('proofsByNetwork', networkOf(ip))
  const { account: accountId, device, deviceKey } = parseCredential(request.credential)
  const proof = parseStatement('proof', request.proof, DeviceProof)
  const isOne =
    proof.account === accountId && proof.device === device && request.deviceId === device
  if (!isOne) throw new DomainError('forbidden')
  verifyStatement(request.proof, deviceKey)

  const published = await admitDevice(sql, { accountId, deviceId: device })
  verifyStatement(request.credential, published?.identityKey)
  const own = await devices.list(sql, [accountId])
  const current = own.find(({ deviceId }) => deviceId === device)
  if (current && deviceKeyOf(current.credential) !== deviceKey) {
    throw new DomainError('device_id_taken')
  }
  const { challenge } = proof
  const isResumed = await resumeSession({ challenge, accountId, deviceId: device })
  if (!isResumed) throw new DomainError('refresh_refused')
}
