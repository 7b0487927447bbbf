import { type ErrorCode, type ErrorDetails, httpStatus } from '@sotto/wire'

/**
 * An outcome the client must handle. Anything else that is thrown is a bug and becomes a bare 500.
 * `details` go to the client: never a secret, never what somebody else may not know.
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

  /** The HTTP status that goes with the code. */
  get status(): number {
    return httpStatus[this.code]
  }
}
