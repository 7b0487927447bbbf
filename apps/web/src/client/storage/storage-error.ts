import { ClientError, type StorageProblem } from '@sotto/sdk'

const problems: Readonly<Record<string, StorageProblem>> = {
  QuotaExceededError: 'storage_full',
  VersionError: 'storage_newer',
  SecurityError: 'storage_blocked',
  DataCloneError: 'keys_not_kept',
}

/** Converts an IndexedDB error into a `ClientError`. */
export function storageErrorOf(cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : ''
  return new ClientError(problems[name] ?? 'storage_failed', undefined, { cause })
}
