import { DomainError, type Tx } from '@sotto/service-runtime'
import { type AccountId, type Actor, Credential, type DeviceId } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as accounts from '../../store/accounts/accounts.ts'
import * as devices from '../../store/devices/devices.ts'
import * as accountUsage from '../../store/usage/account-usage.ts'
import { transact } from '../eras/transact.ts'
import { parseStatement, readPayload } from '../statements/statements.ts'
import { isEd25519Key, isSignedBy, verifyStatement } from '../statements/verify-statement.ts'
import { countsAllowed, ensureRoom } from '../usage/quotas.ts'
import { accountChanged } from './account-changed.ts'
import { admitDevice } from './admit-device.ts'

/**
 * Enrolls the calling device, or replaces its credential to rename it. A device id keeps its key
 * for life, because receivers keep the first key that they have verified for it.
 */
export async function enrollDevice(
  context: ChatContext,
  actor: Actor,
  request: { deviceId: DeviceId; credential: string },
): Promise<void> {
  const { accountId, deviceId } = actor
  const { credential } = request
  const { account, device, deviceKey } = parseCredential(credential)
  const isOwn = account === accountId && device === deviceId && request.deviceId === deviceId
  if (!isOwn) throw new DomainError('forbidden')

  await context.limits.consume('credentials', accountId + deviceId)
  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    const published = await admitDevice(tx, actor)
    verifyStatement(credential, published?.identityKey)
    const own = await devices.list(tx, [accountId])
    const current = own.find((known) => known.deviceId === deviceId)
    if (current?.credential === credential) return
    if (current && deviceKeyOf(current.credential) !== deviceKey) {
      throw new DomainError('device_id_taken')
    }
    if (!current)
      await makeRoom(tx, context, { accountId, own, identityKey: published?.identityKey })

    await devices.enroll(tx, { accountId, deviceId }, credential, context.now())
    await record([await accountChanged(tx, accountId)])
  })
}

/**
 * Makes room for one more device. Devices of replaced keys are removed first, oldest first, so that
 * an attacker who had the account for a while cannot fill its list permanently. Throws
 * `quota_exceeded` if the account has as many as it may.
 */
async function makeRoom(
  tx: Tx,
  { quotas }: ChatContext,
  {
    accountId,
    own,
    identityKey,
  }: {
    accountId: AccountId
    own: readonly devices.Device[]
    identityKey: string | undefined
  },
) {
  const allowed = countsAllowed(await accountUsage.find(tx, accountId), quotas).devices
  const tooMany = own.length + 1 - allowed
  if (tooMany <= 0) return
  const former = own.filter(({ credential }) => !isSignedBy(credential, identityKey))
  const removed = former.slice(0, tooMany)
  ensureRoom('devices', { used: own.length - removed.length, allowed }, 1)
  await devices.remove(tx, removed)
}

/** Parses a credential with a valid device key. `verifyStatement` checks the signature. */
export function parseCredential(credential: string): Credential {
  const parsed = parseStatement('credential', credential, Credential)
  if (isEd25519Key(parsed.deviceKey)) return parsed
  throw new DomainError('invalid_request', { field: 'body/credential' })
}

/** The device key of a credential that was verified when it was stored. */
export function deviceKeyOf(credential: string): string {
  return Credential.parse(readPayload(credential)).deviceKey
}
