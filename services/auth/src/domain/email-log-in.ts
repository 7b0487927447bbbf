import { DomainError, networkOf, type Tx } from '@sotto/service-runtime'
import type { AccountId, LoginDevice } from '@sotto/wire'
import type { AuthContext } from '../context.ts'
import * as accounts from '../store/accounts.ts'
import * as passwords from '../store/passwords.ts'
import * as wraps from '../store/wraps.ts'
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

/** Removes the password of an account and the wrap that it opens. Sessions go on. */
export async function removePassword(
  { sql, channels }: Pick<AuthContext, 'sql' | 'channels'>,
  accountId: AccountId,
): Promise<void> {
  await sql.begin(async (tx) => {
    await accounts.lock(tx, accountId)
    await refuseLockOut(tx, channels, accountId)
    await passwords.remove(tx, accountId)
    await wraps.remove(tx, accountId, 'password')
  })
}

/** Without a password a code has to reach the address. */
async function refuseLockOut(tx: Tx, channels: AuthContext['channels'], accountId: AccountId) {
  const { phone, email } = await accounts.load(tx, accountId)
  const isReached =
    (phone !== null && channels.includes('phone')) || (email !== null && channels.includes('email'))
  if (!isReached) throw new DomainError('channel_closed')
}
