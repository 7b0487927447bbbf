import { DomainError, networkOf } from '@sotto/service-runtime'
import type { LoginDevice } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import * as passwords from '../../store/passwords.ts'
import { type LogIn, openSession } from './log-in.ts'
import { consumeTicket } from './registration.ts'

/**
 * Logs in with an address that a code has proven, and creates the account if the address is new. An
 * account that has a password stays protected: an attacker who reads its mail would have to set a
 * new password, which its owner notices.
 */
export async function logInByEmail(
  context: AuthContext,
  ip: string,
  request: { ticket: string; device: LoginDevice; invitation?: string | undefined },
): Promise<LogIn> {
  await context.limits.consume('registerByNetwork', networkOf(ip))
  const logIn = await context.sql.begin(async (tx) => {
    const { accountId, created } = await consumeTicket(tx, context, request)
    // The rollback restores the ticket, so that the person can use it to set a new password.
    if (await passwords.exists(tx, accountId)) throw new DomainError('wrong_credentials')
    return openSession(tx, context, { accountId, device: request.device, created, ip })
  })
  context.outbox.kick()
  return logIn
}
