import type { Tx } from '@sotto/service-runtime'
import type { AccountId, DeviceId, PublishedDevice } from '@sotto/wire'

export interface DeviceName {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

/** Those of the named devices that are enrolled and not revoked. */
export async function findEnrolled(
  tx: Tx,
  names: readonly DeviceName[],
): Promise<readonly DeviceName[]> {
  return tx<DeviceName[]>`
    select account_id as "accountId", device_id as "deviceId"
    from unnest(
      ${names.map(({ accountId }) => accountId)}::uuid[],
      ${names.map(({ deviceId }) => deviceId)}::uuid[]
    ) as names (account_id, device_id)
    join chat.devices using (account_id, device_id)
    where revoked_at is null`
}

export type Device = PublishedDevice & Pick<DeviceName, 'accountId'>

/** All devices of these accounts, revoked ones included, in the order of their enrollment. */
export async function list(tx: Tx, accountIds: readonly AccountId[]): Promise<readonly Device[]> {
  return tx<Device[]>`
    select account_id as "accountId", device_id as "deviceId", credential
    from chat.devices where account_id = any(${accountIds}::uuid[])
    order by enrolled_at, device_id`
}

/** Enrolls a device, or replaces the credential of one that is enrolled. */
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

/** The same for all devices of an account but one. */
export async function revokeOthers(tx: Tx, { accountId, deviceId }: DeviceName, revokedAt: number) {
  await tx`
    update chat.devices set revoked_at = ${revokedAt}
    where account_id = ${accountId} and device_id <> ${deviceId} and revoked_at is null`
}
