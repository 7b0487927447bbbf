import { DomainError } from '@sotto/service-runtime'
import { MAX_RECORD_STEP, MAX_VERSION_STEP } from '@sotto/wire'

/**
 * Throws `stale_version` unless `version` may follow the stored one, 0 if there is none. Devices count up
 * by one, so if two write at the same time, the second is refused. They skip versions only when the server
 * was restored, and may say `after` which version. The limits keep a device from using up all versions.
 */
export function ensureFollows(version: number, currentVersion: number, after?: number): void {
  const step = after === undefined ? MAX_VERSION_STEP : MAX_RECORD_STEP
  const isNext = version > currentVersion && version <= currentVersion + step
  const isAfter = after === undefined || after === currentVersion
  if (!isNext || !isAfter) throw new DomainError('stale_version', { currentVersion })
}
