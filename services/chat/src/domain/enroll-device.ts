import { DomainError } from '@sotto/service-runtime'
import { type Actor, Credential, type DeviceId, MAX_DEVICES } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import * as accounts from '../store/accounts.ts'
import * as devices from '../store/devices.ts'
import { accountChanged } from './publish-account.ts'
import { parseStatement } from './statements.ts'
import { transact } from './transact.ts'

/** Enrols the device that asks, or replaces its credential. A revoked device stays revoked. */
export async function enrollDevice(
  context: ChatContext,
  { accountId, deviceId }: Actor,
  request: { deviceId: DeviceId; credential: string },
): Promise<void> {
  const { account, device } = parseStatement('credential', request.credential, Credential)
  const isOwn = account === accountId && device === deviceId && request.deviceId === deviceId
  if (!isOwn) throw new DomainError('forbidden')

  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    const own = await devices.list(tx, [accountId])
    const current = own.find((known) => known.deviceId === deviceId)
    if (current?.credential === request.credential && current.revokedAt === null) return
    if (current && current.revokedAt !== null) throw new DomainError('device_not_enrolled')
    if (!current && own.length >= MAX_DEVICES) throw new DomainError('too_many')

    await devices.enroll(tx, { accountId, deviceId }, request.credential, context.now())
    await record([await accountChanged(tx, accountId)])
  })
}

/** Revokes a device of the own account: it sends nothing any more. Revoking it again is no change. */
export async function revokeDevice(
  context: ChatContext,
  { accountId }: Actor,
  deviceId: DeviceId,
): Promise<void> {
  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    const own = await devices.list(tx, [accountId])
    if (!own.some((device) => device.deviceId === deviceId)) throw new DomainError('not_found')
    if (!(await devices.revoke(tx, { accountId, deviceId }, context.now()))) return
    await record([await accountChanged(tx, accountId)])
  })
}
