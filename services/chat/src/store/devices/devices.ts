import type { Tx } from '@sotto/service-runtime'
import type { AccountId, DeviceId, PublishedDevice } from '@sotto/wire'
import type { StoredUsage } from '../usage/account-usage.ts'

export interface DeviceName {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

/** A device that may write, and the usage of its account. */
export interface Sender extends DeviceName {
  readonly usage: StoredUsage | undefined
}

type SenderRow = DeviceName & { [K in keyof StoredUsage]: StoredUsage[K] | null }

/** The named devices that are enrolled and not revoked. */
export async function findSenders(
  tx: Tx,
  names: readonly DeviceName[],
): Promise<readonly Sender[]> {
  // A single statement, because each message pays for it.
  const rows = await tx<SenderRow[]>`
    select account_id as "accountId", device_id as "deviceId", bytes, conversations, hour,
      hour_bytes as "hourBytes", since, allowed_bytes as "allowedBytes"
    from unnest(
      ${names.map(({ accountId }) => accountId)}::uuid[],
      ${names.map(({ deviceId }) => deviceId)}::uuid[]
    ) as names (account_id, device_id)
    join chat.devices using (account_id, device_id)
    left join chat.account_usage using (account_id)
    where revoked_at is null`
  return rows.map(({ accountId, deviceId, ...usage }) => {
    const isKnown = usage.bytes !== null
    return { accountId, deviceId, usage: isKnown ? (usage as StoredUsage) : undefined }
  })
}

export type Device = PublishedDevice & Pick<DeviceName, 'accountId'>

/** All devices of these accounts, including revoked ones, in order of enrollment. */
export async function list(tx: Tx, accountIds: readonly AccountId[]): Promise<readonly Device[]> {
  return tx<Device[]>`
    select account_id as "accountId", device_id as "deviceId", credential
    from chat.devices where account_id = any(${accountIds}::uuid[])
    order by enrolled_at, device_id`
}

/** A device with its relevant times. */
export interface DeviceWithTimes {
  readonly deviceId: DeviceId
  readonly enrolledAt: number
  readonly revokedAt: number | null
}

/** All devices of an account, in order of enrollment. */
export async function listWithTimes(tx: Tx, accountId: AccountId): Promise<DeviceWithTimes[]> {
  return tx<DeviceWithTimes[]>`
    select device_id as "deviceId", enrolled_at as "enrolledAt",
      revoked_at as "revokedAt"
    from chat.devices where account_id = ${accountId} order by enrolled_at, device_id`
}

/** The devices of an account that may write. */
export async function listInUse(tx: Tx, accountId: AccountId): Promise<readonly DeviceId[]> {
  const rows = await tx<{ deviceId: DeviceId }[]>`
    select device_id as "deviceId" from chat.devices
    where account_id = ${accountId} and revoked_at is null`
  return rows.map(({ deviceId }) => deviceId)
}

/** The number of an account's devices, including revoked ones. */
export async function count(tx: Tx, accountId: AccountId): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int from chat.devices where account_id = ${accountId}`
  return row?.count ?? 0
}

/** Enrolls a device, or replaces the credential of an enrolled one. */
export async function enroll(
  tx: Tx,
  { accountId, deviceId }: DeviceName,
  credential: string,
  enrolledAt: number,
) {
  await tx`
    insert into chat.devices (account_id, device_id, credential, enrolled_at)
    values (${accountId}, ${deviceId}, ${credential}, ${enrolledAt})
    on conflict (account_id, device_id) do update set credential = excluded.credential`
}

/** Deletes devices. */
export async function remove(tx: Tx, names: readonly DeviceName[]) {
  await tx`
    delete from chat.devices where (account_id, device_id) in (
      select * from unnest(
        ${names.map(({ accountId }) => accountId)}::uuid[],
        ${names.map(({ deviceId }) => deviceId)}::uuid[]
      )
    )`
}

/** Whether a device is enrolled and not revoked. */
export async function isInUse(tx: Tx, { accountId, deviceId }: DeviceName): Promise<boolean> {
  const rows = await tx`
    select from chat.devices
    where account_id = ${accountId} and device_id = ${deviceId} and revoked_at is null`
  return rows.length > 0
}

export async function isRevoked(tx: Tx, { accountId, deviceId }: DeviceName): Promise<boolean> {
  const rows = await tx`
    select from chat.devices
    where account_id = ${accountId} and device_id = ${deviceId} and revoked_at is not null`
  return rows.length > 0
}

/** Marks these devices of an account as revoked, if they are enrolled. */
export async function revoke(
  tx: Tx,
  accountId: AccountId,
  deviceIds: readonly DeviceId[],
  revokedAt: number,
) {
  await tx`
    update chat.devices set revoked_at = ${revokedAt}
    where account_id = ${accountId} and device_id = any(${deviceIds}::uuid[])
      and revoked_at is null`
}

/** The same for all devices of an account except one. */
export async function revokeOthers(tx: Tx, { accountId, deviceId }: DeviceName, revokedAt: number) {
  await tx`
    update chat.devices set revoked_at = ${revokedAt}
    where account_id = ${accountId} and device_id <> ${deviceId} and revoked_at is null`
}
