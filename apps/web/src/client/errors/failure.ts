import { ClientError, type ClientErrorCode } from '@sotto/sdk'
import { MissingCode } from '../../load-code.ts'

/** Why a command failed, in a form that can be posted between tabs. */
export interface Failure {
  readonly code: ClientErrorCode
  readonly details?: NonNullable<ClientError['details']>
}

/** The failure to show for any thrown value. Anything without a code is a bug: `internal`. */
export function failureOf(thrown: unknown): Failure {
  // The command can't have started, because its code is missing.
  if (thrown instanceof MissingCode) return { code: 'unavailable' }
  if (!(thrown instanceof ClientError)) return { code: 'internal' }
  const { code, details } = thrown
  return details ? { code, details } : { code }
}

/** The failure as it was thrown in the other tab. */
export const errorOf = ({ code, details }: Failure): ClientError => new ClientError(code, details)
