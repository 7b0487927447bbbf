import { type ErrorDetails, isRetryable } from '@sotto/wire'
import type { ClientErrorCode } from './error-codes.ts'

/** A command that failed. Callers branch on `code`, never on the text. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: ClientErrorCode
  readonly details: ErrorDetails | undefined

  constructor(code: ClientErrorCode, details?: ErrorDetails, options?: { cause?: unknown }) {
    super(code, options)
    this.code = code
    this.details = details
  }
}

/** The code of a `ClientError`, or undefined for anything else. */
export function codeOf(thrown: unknown): ClientErrorCode | undefined {
  return thrown instanceof ClientError ? thrown.code : undefined
}

const PASSING_HERE: ReadonlySet<ClientErrorCode> = new Set([
  'offline',
  'storage_full',
  'storage_failed',
])

/** Whether the same request may succeed later without any action. */
export function mayPass(thrown: unknown): boolean {
  const code = codeOf(thrown)
  return code !== undefined && (isRetryable(code) || PASSING_HERE.has(code))
}
