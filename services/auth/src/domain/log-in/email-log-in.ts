import { DomainError, networkOf } from '@sotto/service-runtime'
import type { LoginDevice } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import * as passwords from '../../store/passwords.ts'
import { type LogIn, openSession } from './log-in.ts'
import { takeTicket } from './registration.ts'

/**
 * Logs in with an address that was proven by a code, and creates the account when it is new. An account that
 * has a password keeps it: whoever reads its mail has to set another one, which its owner notices.
 */
export async function logInByEmail(
  context: AuthContext,
  ip: string,
  request: { ticket: string; device: LoginDevice; invitation?: string | undefined },
): Promise<LogIn> {
  await context.limits.consume('registerByNetwork', networkOf(ip))
  const logIn = await context.sql.begin(async (tx) => {
    const { accountId, created } = await takeTicket(tx, context, request)
    // The ticket is back after this: the person may set a new password with it.
    if (await passwords.exists(tx, accountId)) throw new DomainError('wrong_credentials')
    return openSession(tx, context, { accountId, device: request.device, created, ip })
  })
  context.outbox.kick()
  return logIn
}
