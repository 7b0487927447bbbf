import { ClientError, type ClientErrorCode } from '@sotto/sdk'
import { MissingCode } from '../../load-code.ts'

/** Why a command failed, in a form that survives the way between two tabs. */
export interface Failure {
  readonly code: ClientErrorCode
  readonly details?: NonNullable<ClientError['details']>
}

/** What to show of anything that was thrown. What carries no code is a bug: `internal`. */
export function failureOf(thrown: unknown): Failure {
  // Nothing was begun without the code for it.
  if (thrown instanceof MissingCode) return { code: 'unavailable' }
  if (!(thrown instanceof ClientError)) return { code: 'internal' }
  const { code, details } = thrown
  return details ? { code, details } : { code }
}

/** The failure as it was thrown in the other tab. */
export const errorOf = ({ code, details }: Failure): ClientError => new ClientError(code, details)
