import { DomainError } from '@sotto/service-runtime'

interface Place {
  /** The stored version; 0 if there is none. */
  readonly currentVersion: number
  /** The version that the device says its own follows. */
  readonly after: number | undefined
  /** How far ahead it may then be. */
  readonly maxStep: number
}

/**
 * Throws `stale_version` unless `version` may follow the stored one. Devices increase versions by
 * one, so if two write concurrently, the second is rejected. They skip versions only after the
 * server was restored, and then name the version that theirs follows. The limits prevent a device
 * from using up all versions.
 */
export function ensureFollows(version: number, { currentVersion, after, maxStep }: Place): void {
  const step = after === undefined ? 1 : maxStep
  const isNext = version > currentVersion && version <= currentVersion + step
  const isAfter = after === undefined || after === currentVersion
  if (!isNext || !isAfter) throw new DomainError('stale_version', { currentVersion })
}
