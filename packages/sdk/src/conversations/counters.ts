import type { AccountId, DeviceId } from '@sotto/wire'
import type { Counters } from '../storage/records/conversations.ts'
import type { LogEntry } from '../storage/records/log.ts'

/** The counters of the messages that this device writes in one conversation. */

export const NO_COUNTERS: Counters = { next: 1, deviceId: null, formerDevices: [], skipped: [] }

/**
 * How far a counter in the log may be ahead of ours. In `ecdh` the other side can forge messages in our name, and the
 * largest possible counter would leave none to write with.
 */
const MAX_COUNTER_STEP = 1_000

/** A device's counters. A device that enrolled again has another id and counts from 1 again. */
export function countingFor(counters: Counters, deviceId: DeviceId): Counters {
  const { deviceId: counted, formerDevices } = counters
  if (counted === deviceId) return counters
  return {
    deviceId,
    next: 1,
    skipped: [],
    formerDevices: counted === null ? formerDevices : [...formerDevices, counted],
  }
}

/** Every id under which this device has written, including the current one. */
export function writersOf({ deviceId, formerDevices }: Counters, now: DeviceId): DeviceId[] {
  return [now, ...formerDevices, ...(deviceId === null ? [] : [deviceId])]
}

/** A message that was sealed under a counter of the device with this id. */
interface Counted {
  readonly deviceId: DeviceId
  readonly counter: number
}

interface Spent extends Counted {
  readonly skipped: readonly number[]
}

/** Compares two messages of this device by the order in which they were written, under whatever enrollment. */
export function byWriting({ formerDevices }: Counters): (one: Counted, other: Counted) => number {
  const enrollment = ({ deviceId }: Counted) => {
    const place = formerDevices.indexOf(deviceId)
    return place < 0 ? formerDevices.length : place
  }
  return (one, other) => enrollment(one) - enrollment(other) || one.counter - other.counter
}

/** Retires the counter of a message that will never arrive, along with those that it would have reported. */
export function withSpent(counters: Counters, message: Spent, deviceId: DeviceId): Counters {
  if (message.deviceId !== deviceId) return counters
  return withSkipped(counters, [...message.skipped, message.counter])
}

/** The same for several messages. */
export function withAllSpent(
  counters: Counters,
  messages: readonly Spent[],
  deviceId: DeviceId,
): Counters {
  return messages.reduce((before, message) => withSpent(before, message, deviceId), counters)
}

export function withSkipped(counters: Counters, more: readonly number[]): Counters {
  return more.length === 0 ? counters : { ...counters, skipped: [...counters.skipped, ...more] }
}

/**
 * The counters after `entries` arrived. A counter in the log is spent even if this device doesn't remember it: its
 * storage may have been restored to an older state.
 */
export function withArrived(
  counters: Counters,
  entries: readonly LogEntry[],
  { self, deviceId }: { readonly self: AccountId; readonly deviceId: DeviceId },
): Counters {
  const before = countingFor(counters, deviceId)
  let { next } = before
  for (const entry of entries) {
    const isOwn = entry.sender === self && entry.deviceId === deviceId
    if (entry.kind !== 'message' || !isOwn) continue
    const isNear = entry.counter < next + MAX_COUNTER_STEP
    if (isNear) next = Math.max(next, entry.counter + 1)
  }
  return next === before.next ? before : { ...before, next }
}
