import { randomUUID } from 'node:crypto'
import { DomainError, networkOf, type Tx } from '@sotto/service-runtime'
import { AccountId, type LoginDevice } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import { authRetention } from '../../retention.ts'
import { hashOfToken, newOpaqueToken, type OpaqueToken } from '../../secrets/opaque-token.ts'
import * as accounts from '../../store/accounts.ts'
import * as challenges from '../../store/challenges.ts'
import * as keptWraps from '../../store/kept-wraps.ts'
import * as passwords from '../../store/passwords.ts'
import * as sessions from '../../store/sessions.ts'
import * as tickets from '../../store/tickets.ts'
import * as wraps from '../../store/wraps.ts'
import {
  admitNewAccount,
  isFindableAtFirst,
  maySignUp,
  refusalOf,
} from '../accounts/invitations.ts'
import { type CodeTry, checkCode } from '../codes/challenge.ts'
import { announceEnded } from '../ended-sessions/end-sessions.ts'
import { type LogIn, openSession } from './log-in.ts'

/**
 * The result of a proven address: permission to set the password of its account, existing or new.
 */
export interface IssuedTicket {
  readonly ticket: OpaqueToken
  readonly accountId: AccountId
  readonly isNew: boolean
}

/** Proves an email address with a code. Creates only a ticket. */
export async function proveEmail(
  context: AuthContext,
  ip: string,
  codeTry: CodeTry,
): Promise<IssuedTicket> {
  const email = await checkCode(context, 'email', ip, codeTry)
  return context.sql.begin(async (tx) => {
    const isFirst = await challenges.consume(tx, codeTry.challengeId)
    if (!isFirst) throw new DomainError('code_expired')
    const known = await accounts.findByEmail(tx, email)
    // Report it before the person chooses a password. The invitation is used when the account is
    // created.
    if (!known && !(await maySignUp(tx, context, codeTry.invitation))) {
      throw refusalOf(context.signUp)
    }
    // Chosen before the account exists, because the wrap of the root secret is bound to it.
    const accountId = known ?? AccountId.parse(randomUUID())
    const ticket = newOpaqueToken()
    const expiresAt = new Date(context.now() + authRetention.tickets * 1000)
    await tickets.add(tx, hashOfToken(ticket), { email, accountId }, expiresAt)
    return { ticket, accountId, isNew: !known }
  })
}

/** Answers the first message of an OPAQUE registration. The ticket remains. */
export async function startRegistration(
  context: AuthContext,
  ip: string,
  { ticket, registrationRequest }: { ticket: string; registrationRequest: string },
): Promise<{ registrationResponse: string }> {
  await context.limits.consume('registerByNetwork', networkOf(ip))
  const proven = await tickets.find(context.sql, hashOfToken(ticket), new Date(context.now()))
  if (!proven) throw new DomainError('ticket_expired')
  return context.opaque.startRegistration(proven.accountId, registrationRequest)
}

/** The last message of a registration. */
export interface Registration {
  readonly ticket: string
  readonly registrationRecord: string
  readonly device: LoginDevice
  readonly invitation?: string | undefined
}

/**
 * Creates the account or replaces its password, and logs in. A new password ends every session and
 * deletes the old password's wrap of the root secret, which the new password cannot open.
 */
export async function finishRegistration(
  context: AuthContext,
  ip: string,
  registration: Registration,
): Promise<LogIn> {
  await context.limits.consume('registerByNetwork', networkOf(ip))
  context.opaque.checkRecord(registration.registrationRecord)
  const logIn = await context.sql.begin((tx) => register(tx, context, ip, registration))
  context.outbox.kick()
  return logIn
}

/** Uses up a ticket. Locks its account, and creates it if it is new. */
export async function consumeTicket(
  tx: Tx,
  context: Pick<AuthContext, 'signUp' | 'now'>,
  { ticket, invitation }: Pick<Registration, 'ticket' | 'invitation'>,
): Promise<{ accountId: AccountId; created: boolean }> {
  const now = new Date(context.now())
  const found = await tickets.find(tx, hashOfToken(ticket), now)
  // Before anything is removed, so that two registrations cannot deadlock.
  if (found) await accounts.lock(tx, found.accountId)
  const proven = await tickets.consume(tx, hashOfToken(ticket), now)
  if (!proven) throw new DomainError('ticket_expired')
  const { email, accountId } = proven
  const findable = isFindableAtFirst(context)
  const created = await accounts.addIfNew(tx, {
    id: accountId,
    phone: null,
    email,
    findable,
    createdAt: now,
  })
  // Two tickets for one new address: the other was faster, and its account has another id.
  const owner = created ? accountId : await accounts.findByEmail(tx, email)
  if (owner !== accountId) throw new DomainError('ticket_expired')
  if (created) await admitNewAccount(tx, context, invitation)
  return { accountId, created }
}

async function register(
  tx: Tx,
  context: AuthContext,
  ip: string,
  registration: Registration,
): Promise<LogIn> {
  const { registrationRecord, device } = registration
  const now = new Date(context.now())
  const { accountId, created } = await consumeTicket(tx, context, registration)
  // Anyone else who proved the address earlier may not replace the password that is set now.
  await tickets.removeFor(tx, accountId)
  await passwords.put(tx, accountId, registrationRecord, now)
  await keptWraps.keep(tx, accountId, now)
  await wraps.remove(tx, accountId, 'password')
  await announceEnded(tx, context.outbox, await sessions.endAll(tx, accountId, now))
  return openSession(tx, context, { accountId, device, created, ip })
}
