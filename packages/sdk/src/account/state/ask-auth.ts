import type { Endpoint } from '@sotto/wire'
import { codeOf } from '../../api/errors.ts'
import type { CallAnswer, CallInput } from '../../transport/http.ts'
import type { AccountContext } from './account-context.ts'

/**
 * Asks the auth service without renewing the log-in. Undefined if that is refused: after a restore the auth service may
 * no longer know the session while the access token still works elsewhere, so the device restores what it can before it
 * has to log in again.
 */
export async function askAuth<E extends Endpoint>(
  { call, tokens }: AccountContext,
  endpoint: E,
  input: CallInput<E>,
): Promise<CallAnswer<E> | undefined> {
  try {
    return await call(endpoint, input, { token: await tokens.access() })
  } catch (error) {
    if (codeOf(error) !== 'unauthenticated') throw error
    return undefined
  }
}

/** The same, as a function that sends requests. */
export const asking =
  (context: AccountContext) =>
  <E extends Endpoint>(endpoint: E, input: CallInput<E>) =>
    askAuth(context, endpoint, input)
