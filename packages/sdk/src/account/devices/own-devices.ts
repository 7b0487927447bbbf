import { openDeviceName, type RootSecret, verifyCredential } from '@sotto/crypto'
import {
  authRequests,
  type Credential,
  type DeviceId,
  type PublishedAccount,
  type SessionEntry,
} from '@sotto/wire'
import type { NewDevice, OwnDevices } from '../../api/commands.ts'
import type { Contacts } from '../../contacts/contacts.ts'
import { isRevokedIn } from '../../published/published-keys.ts'
import type { AccountContext } from '../state/account-context.ts'
import { hasUnknown, withDevices, withSeen } from '../state/known-devices.ts'
import { findPublished } from '../state/own-answers.ts'

/** The devices of the own account: those for which its identity key has signed, and not what the server calls so. */

/** Takes note of devices that are new, after the own account was read. Whether there were any. */
export async function noteDevices(context: AccountContext, contacts: Contacts): Promise<boolean> {
  const { own, accountId } = context.state.me()
  const { identityKey } = own.record
  const shown = contacts.get(accountId)?.current?.devices ?? []
  const ids = shown
    .filter((device) => device.identityKey === identityKey)
    .map(({ deviceId }) => deviceId)
  if (!hasUnknown(own, ids)) return false
  await readDevices(context)
  return true
}

/** What the account has, with the log-ins that the server knows. Revoked devices are left out. */
export async function listDevices(context: AccountContext): Promise<OwnDevices> {
  await readDevices(context)
  const { sessions } = await context.authorized(authRequests.listSessions, {})
  const { own, deviceId: self } = context.state.me()
  const devices = (own.knownDevices ?? [])
    .filter(({ deviceId }) => !isRevokedIn(own.record, deviceId))
    .map(({ deviceId, name, signedAt }) => {
      const used = sessions.filter((one) => one.deviceId === deviceId && one.proven !== false)
      const lastUsedAt = used.length > 0 ? Math.max(...used.map((one) => one.lastUsedAt)) : null
      return { deviceId, name, signedAt, current: deviceId === self, lastUsedAt }
    })
  const isDevice = (id: DeviceId) => devices.some(({ deviceId }) => deviceId === id)
  // A log-in may name the id of a device that it is not on.
  const isLogIn = ({ deviceId, proven }: SessionEntry) => proven === false || !isDevice(deviceId)
  return { devices, logIns: sessions.filter(isLogIn) }
}

/** The person has seen that these devices are there. */
export async function devicesSeen(
  { state }: AccountContext,
  deviceIds: readonly DeviceId[],
): Promise<void> {
  await state.updateOwn((own) => withSeen(own, deviceIds))
}

/** The devices in an answer for which the own identity key has signed. */
export async function signedDevices(
  { accountId, devices }: PublishedAccount,
  { identityKey, rootSecret }: { readonly identityKey: string; readonly rootSecret: RootSecret },
): Promise<NewDevice[]> {
  const read = devices.map(async ({ deviceId, credential }): Promise<NewDevice[]> => {
    const signed = await verifyCredential(credential, identityKey).catch(() => null)
    if (signed?.account !== accountId || signed.device !== deviceId) return []
    const name = await nameIn(signed, rootSecret)
    return [{ deviceId, name, signedAt: signed.issuedAt }]
  })
  return (await Promise.all(read)).flat()
}

/** Null for one that this root secret does not open: the device is there all the same. */
async function nameIn(credential: Credential, rootSecret: RootSecret): Promise<string | null> {
  return openDeviceName(rootSecret, credential, credential.sealedName).catch(() => null)
}

/** Reads the newest credentials. What was seen once stays known: the server may leave out what it does not like. */
async function readDevices(context: AccountContext): Promise<void> {
  const { state } = context
  const published = await findPublished(context)
  const { identityKey } = state.me().own.record
  const rootSecret = await state.rootSecret()
  const shown = published ? await signedDevices(published, { identityKey, rootSecret }) : []
  await state.updateOwn((own) => withDevices(own, shown, state.me().deviceId))
}
