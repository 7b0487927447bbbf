import { randomBytes, randomUUID } from 'node:crypto'
import { DomainError, networkOf, type Tx } from '@sotto/service-runtime'
import {
  type AccountId,
  type InvitationEntry,
  InvitationId,
  MAX_INVITATIONS,
  type NewInvitation,
  type SignUpMode,
} from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import { hashOfToken } from '../../secrets/opaque-token.ts'
import * as accounts from '../../store/accounts.ts'
import * as invitations from '../../store/invitations.ts'

const DAY_MS = 86_400_000

/** An invitation with its token, which is returned only this once. */
export interface MadeInvitation extends InvitationEntry {
  readonly invitation: string
}

/** Creates an invitation for a member, if members may invite. */
export async function inviteAsMember(
  context: AuthContext,
  accountId: AccountId,
  wanted: NewInvitation,
): Promise<MadeInvitation> {
  if (!context.membersInvite) throw new DomainError('forbidden')
  await context.limits.consume('inviteByAccountDaily', accountId)
  return context.sql.begin(async (tx) => {
    // Two concurrent requests must not both count the same invitations.
    await accounts.lock(tx, accountId)
    const working = await invitations.listWorking(tx, accountId, new Date(context.now()))
    if (working.length >= MAX_INVITATIONS) throw new DomainError('too_many')
    return addInvitation(tx, context, accountId, wanted)
  })
}

/** Creates an invitation for a member, or with null for the operator. */
export async function addInvitation(
  tx: Tx,
  { now }: Pick<AuthContext, 'now'>,
  madeBy: AccountId | null,
  { uses, days }: NewInvitation,
): Promise<MadeInvitation> {
  const invitation = randomBytes(24).toString('base64url')
  const id = InvitationId.parse(randomUUID())
  const createdAt = now()
  const expiresAt = createdAt + days * DAY_MS
  await invitations.add(tx, {
    id,
    hash: hashOfToken(invitation),
    madeBy,
    uses,
    createdAt: new Date(createdAt),
    expiresAt: new Date(expiresAt),
  })
  return { invitationId: id, uses, usesLeft: uses, createdAt, expiresAt, invitation }
}

/** When an invitation expires. Throws `invitation_refused` if it is not, or no longer, valid. */
export async function checkInvitation(
  context: AuthContext,
  ip: string,
  invitation: string,
): Promise<{ expiresAt: number }> {
  await context.limits.consume('startByNetwork', networkOf(ip))
  const expiresAt = await findWorking(context.sql, context, invitation)
  return { expiresAt: expiresAt.getTime() }
}

/**
 * Whether the caller may create an account. Does not look up the address, and thus reveals nothing
 * about it. Throws `invitation_refused` if a given invitation is not valid.
 */
export async function maySignUp(
  tx: Tx,
  context: Pick<AuthContext, 'signUp' | 'now'>,
  invitation: string | undefined,
): Promise<boolean> {
  if (context.signUp === 'closed') return false
  if (invitation === undefined) return context.signUp === 'open'
  await findWorking(tx, context, invitation)
  return true
}

/**
 * Admits an account that was just created, in the same transaction. Throws `sign_up_closed` or
 * `invitation_refused`, which rolls back the transaction and thus the account.
 */
export async function admitNewAccount(
  tx: Tx,
  { signUp, now }: Pick<AuthContext, 'signUp' | 'now'>,
  invitation: string | undefined,
): Promise<void> {
  if (signUp === 'closed') throw refusalOf(signUp)
  if (invitation === undefined && signUp === 'open') return
  const isUsed =
    invitation !== undefined &&
    (await invitations.use(tx, hashOfToken(invitation), new Date(now())))
  if (!isUsed) throw refusalOf(signUp)
}

/** Why the caller may not create an account. */
export const refusalOf = (signUp: SignUpMode): DomainError =>
  new DomainError(signUp === 'closed' ? 'sign_up_closed' : 'invitation_refused')

async function findWorking(
  tx: Tx,
  { now }: Pick<AuthContext, 'now'>,
  invitation: string,
): Promise<Date> {
  const expiresAt = await invitations.findExpiry(tx, hashOfToken(invitation), new Date(now()))
  if (!expiresAt) throw new DomainError('invitation_refused')
  return expiresAt
}

/**
 * Whether others find a new account by its number or address before its owner has decided. Not if
 * any stranger can create an account to look for it.
 */
export const isFindableAtFirst = ({ signUp }: Pick<AuthContext, 'signUp'>): boolean =>
  signUp !== 'open'
