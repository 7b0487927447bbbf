import type { Tx } from '@sotto/service-runtime'
import type { AccountId, Actor, DeviceId, Job, LoginDevice, SessionId } from '@sotto/wire'
import type { LiveSession } from '@sotto/wire/operator'

type SomeDevices = Extract<Job, { type: 'sessions.end' }>['devices']

export interface EndedSession {
  sessionId: SessionId
  accountId: AccountId
}

interface NewSession {
  id: SessionId
  accountId: AccountId
  device: LoginDevice
  now: Date
}

export async function add(tx: Tx, { id, accountId, device, now }: NewSession) {
  await tx`
    insert into auth.sessions
      (id, account_id, device_id, refresh_in, started_at, last_used_at)
    values (${id}, ${accountId}, ${device.deviceId}, ${device.refreshIn}, ${now}, ${now})`
}

/** For each actor, whether its session exists, belongs to this account and device, and is live. */
export async function areLive(tx: Tx, actors: readonly Actor[]): Promise<boolean[]> {
  return (await findLive(tx, actors)).map(({ isLive }) => isLive)
}

/**
 * For each actor, whether its session is live and its device has proven that it belongs to the
 * account.
 */
export async function areProven(tx: Tx, actors: readonly Actor[]): Promise<boolean[]> {
  return (await findLive(tx, actors)).map(({ isProven }) => isProven)
}

/**
 * The state of these sessions, in the same order. A session that has ended is neither live nor
 * proven.
 */
function findLive(tx: Tx, actors: readonly Actor[]) {
  return tx<{ isLive: boolean; isProven: boolean }[]>`
    select s.id is not null as "isLive", s.proven_at is not null as "isProven"
    from unnest(
      ${actors.map(({ sessionId }) => sessionId)}::uuid[],
      ${actors.map(({ accountId }) => accountId)}::uuid[],
      ${actors.map(({ deviceId }) => deviceId)}::uuid[]
    ) with ordinality as asked (id, account_id, device_id, place)
    left join auth.sessions s on s.id = asked.id and s.account_id = asked.account_id
      and s.device_id = asked.device_id and s.ended_at is null
    order by place`
}

/**
 * Records that the device of a session has proven itself. Returns whether there is such a live
 * session.
 */
export async function prove(
  tx: Tx,
  { sessionId, accountId, deviceId }: Actor,
  now: Date,
): Promise<boolean> {
  const rows = await tx`
    update auth.sessions set proven_at = coalesce(proven_at, ${now})
    where id = ${sessionId} and account_id = ${accountId} and device_id = ${deviceId}
      and ended_at is null
    returning id`
  return rows.length > 0
}

/** A session, live or ended. */
export interface RememberedSession {
  readonly hasEnded: boolean
  /** The generation of its latest refresh token. */
  readonly generation: number
}

export async function remember(tx: Tx, id: SessionId): Promise<RememberedSession | undefined> {
  const [row] = await tx<RememberedSession[]>`
    select ended_at is not null as "hasEnded", (
      select coalesce(max(generation), 0) from auth.refresh_tokens where session_id = session.id
    ) as generation
    from auth.sessions session where id = ${id}`
  return row
}

/**
 * Whether a device started another proven session after `moment`. Unproven ones do not count,
 * because a log-in can claim any device id.
 */
export async function hasLater(
  tx: Tx,
  { sessionId, accountId, deviceId }: Actor,
  moment: Date,
): Promise<boolean> {
  const rows = await tx`
    select 1 from auth.sessions
    where account_id = ${accountId} and device_id = ${deviceId} and id <> ${sessionId}
      and started_at > ${moment} and proven_at is not null`
  return rows.length > 0
}

export async function listLive(tx: Tx, accountId: AccountId): Promise<LiveSession[]> {
  return tx<LiveSession[]>`
    select id as "sessionId", device_id as "deviceId",
      floor(extract(epoch from started_at) * 1000)::bigint as "startedAt",
      floor(extract(epoch from last_used_at) * 1000)::bigint as "lastUsedAt",
      proven_at is not null as proven
    from auth.sessions where account_id = ${accountId} and ended_at is null
    order by last_used_at desc, id`
}

/**
 * When any of these devices last used a session, including ended ones; null if none is remembered.
 */
export async function findLastUsed(
  tx: Tx,
  accountId: AccountId,
  deviceIds: readonly DeviceId[],
): Promise<number | null> {
  const [row] = await tx<{ lastUsedAt: number | null }[]>`
    select floor(extract(epoch from max(last_used_at)) * 1000)::float8 as "lastUsedAt"
    from auth.sessions
    where account_id = ${accountId} and device_id = any(${deviceIds}::uuid[])`
  return row?.lastUsedAt ?? null
}

export async function touch(tx: Tx, id: SessionId, now: Date) {
  await tx`update auth.sessions set last_used_at = ${now} where id = ${id}`
}

/** Ends one session of an account. */
export async function end(
  tx: Tx,
  accountId: AccountId,
  id: SessionId,
  now: Date,
): Promise<EndedSession[]> {
  return tx<EndedSession[]>`
    update auth.sessions set ended_at = ${now}
    where id = ${id} and account_id = ${accountId} and ended_at is null
    returning id as "sessionId", account_id as "accountId"`
}

export async function endAll(tx: Tx, accountId: AccountId, now: Date): Promise<EndedSession[]> {
  return tx<EndedSession[]>`
    update auth.sessions set ended_at = ${now}
    where account_id = ${accountId} and ended_at is null
    returning id as "sessionId", account_id as "accountId"`
}

/** Ends the sessions that some of an account's devices started no later than `moment`. */
export async function endOfDevices(
  tx: Tx,
  accountId: AccountId,
  { devices, moment }: { devices: SomeDevices; moment: Date },
  now: Date,
): Promise<EndedSession[]> {
  const isMeant =
    'only' in devices
      ? tx`device_id = any(${devices.only}::uuid[])`
      : tx`device_id <> ${devices.allBut}`
  return tx<EndedSession[]>`
    update auth.sessions set ended_at = ${now}
    where account_id = ${accountId} and ended_at is null and started_at <= ${moment} and ${isMeant}
    returning id as "sessionId", account_id as "accountId"`
}

/**
 * Ends the sessions that a new log-in replaces: another unproven one of the device, and those
 * beyond the newest `keep`, the proven ones last. So a log-in alone ends no session of the
 * account's devices.
 */
export async function endReplaced(
  tx: Tx,
  accountId: AccountId,
  deviceId: DeviceId,
  keep: number,
  now: Date,
): Promise<EndedSession[]> {
  return tx<EndedSession[]>`
    update auth.sessions set ended_at = ${now}
    where account_id = ${accountId} and ended_at is null and (
      (device_id = ${deviceId} and proven_at is null) or id in (
        select id from auth.sessions where account_id = ${accountId} and ended_at is null
        order by proven_at is null, last_used_at desc offset ${keep}))
    returning id as "sessionId", account_id as "accountId"`
}

/** Ends the other sessions of a device, because this one is proven. */
export async function endOthersOfDevice(
  tx: Tx,
  { sessionId, accountId, deviceId }: Actor,
  now: Date,
): Promise<EndedSession[]> {
  return tx<EndedSession[]>`
    update auth.sessions set ended_at = ${now}
    where account_id = ${accountId} and device_id = ${deviceId} and id <> ${sessionId}
      and ended_at is null
    returning id as "sessionId", account_id as "accountId"`
}

/** Ends the sessions whose refresh tokens have all expired. */
export async function endUnusedSince(tx: Tx, moment: Date, now: Date): Promise<EndedSession[]> {
  return tx<EndedSession[]>`
    update auth.sessions set ended_at = ${now}
    where last_used_at <= ${moment} and ended_at is null
    returning id as "sessionId", account_id as "accountId"`
}

export async function listEndedSince(tx: Tx, moment: Date): Promise<EndedSession[]> {
  return tx<EndedSession[]>`
    select id as "sessionId", account_id as "accountId" from auth.sessions
    where ended_at > ${moment}`
}

/**
 * Deletes ended sessions of an account except the newest `keep`, with their refresh tokens, unless
 * they ended after `moment`.
 */
export async function removeOldEnded(
  tx: Tx,
  accountId: AccountId,
  { keep, moment }: { keep: number; moment: Date },
) {
  await tx`
    delete from auth.sessions where ended_at <= ${moment} and id = any(array(
      select id from auth.sessions where account_id = ${accountId} and ended_at is not null
      order by ended_at desc offset ${keep}))`
}

/** Deletes ended sessions and their refresh tokens. */
export async function removeEndedBefore(tx: Tx, moment: Date) {
  await tx`delete from auth.sessions where ended_at <= ${moment}`
}
