import { openDeviceName, type RootSecret, verifyCredential } from '@sotto/crypto'
import {
  authRequests,
  type Credential,
  type DeviceId,
  type PublishedAccount,
  type SessionEntry,
} from '@sotto/wire'
import type { OwnDevices } from '../../api/answers.ts'
import type { NewDevice } from '../../api/views.ts'
import type { Contacts } from '../../contacts/contacts.ts'
import { isRevokedIn } from '../../published/published-keys.ts'
import type { AccountContext } from '../state/account-context.ts'
import { hasUnknown, withDevices, withSeen } from '../state/known-devices.ts'
import { findPublished } from '../state/own-answers.ts'

/** This account's devices, as signed by its identity key. The server's word doesn't count. */

/** Records new devices after our account was read. Returns whether there were any. */
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

/** Our devices, with the log-ins that the server knows. Revoked devices are left out. */
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
  // A log-in may name the id of a device that it isn't on.
  const isLogIn = ({ deviceId, proven }: SessionEntry) => proven === false || !isDevice(deviceId)
  return { devices, logIns: sessions.filter(isLogIn) }
}

/** The person has seen these devices. */
export async function devicesSeen(
  { state }: AccountContext,
  deviceIds: readonly DeviceId[],
): Promise<void> {
  await state.updateOwn((own) => withSeen(own, deviceIds))
}

/** The devices in an answer that our identity key has signed. */
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

/** Null if this root secret doesn't open the name; the device exists all the same. */
async function nameIn(credential: Credential, rootSecret: RootSecret): Promise<string | null> {
  return openDeviceName(rootSecret, credential, credential.sealedName).catch(() => null)
}

/** Reads the newest credentials. Devices seen before stay known, because the server could leave some out. */
async function readDevices(context: AccountContext): Promise<void> {
  const { state } = context
  const published = await findPublished(context)
  const { identityKey } = state.me().own.record
  const rootSecret = await state.rootSecret()
  const shown = published ? await signedDevices(published, { identityKey, rootSecret }) : []
  await state.updateOwn((own) => withDevices(own, shown, state.me().deviceId))
}
