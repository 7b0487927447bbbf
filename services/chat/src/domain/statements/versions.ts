import { DomainError } from '@sotto/service-runtime'

interface Place {
  /** Of what is stored, 0 if there is nothing. */
  readonly currentVersion: number
  /** Which version a device says that its own follows. */
  readonly after: number | undefined
  /** How far it may then be ahead. */
  readonly maxStep: number
}

/**
 * Throws `stale_version` unless `version` may follow the stored one. Devices count up by one, so if two write
 * at the same time, the second is refused. They skip versions only when the server was restored, and say
 * which one they follow. The limits keep a device from using up all versions.
 */
export function ensureFollows(version: number, { currentVersion, after, maxStep }: Place): void {
  const step = after === undefined ? 1 : maxStep
  const isNext = version > currentVersion && version <= currentVersion + step
  const isAfter = after === undefined || after === currentVersion
  if (!isNext || !isAfter) throw new DomainError('stale_version', { currentVersion })
}
