import { DomainError } from '@sotto/service-runtime'
import { MAX_VERSION_STEP } from '@sotto/wire'

/**
 * Throws `stale_version` unless `version` may follow the stored one, 0 if there is none. Devices count up
 * by one, so if two write at the same time, the second is refused. They skip versions only when they put
 * back what a restored server lost, and then they say `after` which version; the limit keeps a device from
 * using up all versions.
 */
export function ensureFollows(version: number, currentVersion: number, after?: number): void {
  const isNext = version > currentVersion && version <= currentVersion + MAX_VERSION_STEP
  if (!isNext || (after !== undefined && after !== currentVersion))
    throw new DomainError('stale_version', { currentVersion })
}
