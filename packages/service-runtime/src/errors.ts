import { type ErrorCode, type ErrorDetails, httpStatus } from '@sotto/wire'

/**
 * An outcome that the client must handle. Any other thrown error is a bug and becomes a bare 500.
 * `details` are sent to the client: they must not contain secrets or anything that the client may
 * not know.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError'
  readonly code: ErrorCode
  readonly details: ErrorDetails | undefined

  constructor(code: ErrorCode, details?: ErrorDetails, options?: { cause?: unknown }) {
    super(code, options)
    this.code = code
    this.details = details
  }

  /** The HTTP status of the code. */
  get status(): number {
    return httpStatus[this.code]
  }
}
