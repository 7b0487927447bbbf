import { DomainError } from '@sotto/service-runtime'
import type { ErrorCode, Share } from '@sotto/wire'
import {
  ENVELOPE_BYTES,
  hourOf,
  type OwnQuotas,
  type StoredUsage,
} from '../../store/usage/account-usage.ts'

/** How much of everything one account may store. */
export interface Quotas {
  readonly bytes: number
  /** In the first days of an account. */
  readonly youngBytes: number
  /** Per hour; a quarter of it in the first days. */
  readonly hourlyBytes: number
  readonly conversations: number
  readonly devices: number
  readonly pastRecords: number
}

const YOUNG_MS = 7 * 24 * 60 * 60 * 1000
const YOUNG_SHARE_OF_HOUR = 1 / 4

/** Accounts that were created after this moment are young. */
export const youngAfter = (now: number): number => now - YOUNG_MS

/** The quotas of one account at this moment. */
export interface Allowance {
  readonly bytes: Share
  readonly bytesThisHour: Share
  readonly youngUntil: number | null
}

/** If `usage` is undefined, nothing is known about the account, and it counts as young. */
export function allowanceOf(
  usage: StoredUsage | undefined,
  quotas: Quotas,
  now: number,
): Allowance {
  const since = usage?.since ?? now
  const isTrusted = usage?.allowedBytes !== null && usage?.allowedBytes !== undefined
  const isYoung = !isTrusted && since > youngAfter(now)
  const hourlyBytes = quotas.hourlyBytes * (isYoung ? YOUNG_SHARE_OF_HOUR : 1)
  return {
    bytes: {
      used: usage?.bytes ?? 0,
      allowed:
        usage?.allowedBytes ?? Math.min(quotas.bytes, isYoung ? quotas.youngBytes : Infinity),
    },
    bytesThisHour: {
      used: usage?.hour === hourOf(now) ? usage.hourBytes : 0,
      allowed: Math.floor(hourlyBytes),
    },
    youngUntil: isYoung && quotas.youngBytes < quotas.bytes ? since + YOUNG_MS : null,
  }
}

/** How many conversations an account may start, and how many devices it may have. */
export function countsAllowed(
  usage: OwnQuotas | undefined,
  quotas: Quotas,
): Pick<Quotas, 'conversations' | 'devices'> {
  return {
    conversations: usage?.allowedConversations ?? quotas.conversations,
    devices: usage?.allowedDevices ?? quotas.devices,
  }
}

/** How much an account may still send in a batch, while the batch is decided. */
export interface Room {
  left: number
  leftThisHour: number
}

export function roomOf({ bytes, bytesThisHour }: Allowance): Room {
  return {
    left: bytes.allowed - bytes.used,
    leftThisHour: bytesThisHour.allowed - bytesThisHour.used,
  }
}

/** The bytes that an envelope uses. Ciphertexts are ASCII. */
export const bytesOf = (ciphertext: string): number => ciphertext.length + ENVELOPE_BYTES

/** Reserves room for an envelope, or returns why there is none. */
export function reserveRoom(room: Room, bytes: number): ErrorCode | null {
  if (bytes > room.left) return 'quota_exceeded'
  if (bytes > room.leftThisHour) {
    // Later envelopes must not overtake this one, so the hour is over for this batch.
    room.leftThisHour = 0
    return 'rate_limited'
  }
  room.left -= bytes
  room.leftThisHour -= bytes
  return null
}

/** The name of the exceeded quota, as the client sees it. */
export type QuotaName = 'bytes' | 'conversations' | 'devices'

/** Throws `quota_exceeded` unless `more` fits. */
export function ensureRoom(quota: QuotaName, { used, allowed }: Share, more: number): void {
  if (used + more > allowed) throw new DomainError('quota_exceeded', { quota, used, allowed })
}
