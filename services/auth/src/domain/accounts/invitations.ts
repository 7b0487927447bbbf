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

/** An invitation with its token, which nobody is told again. */
export interface MadeInvitation extends InvitationEntry {
  readonly invitation: string
}

/** An invitation of a member, where members may invite. */
export async function inviteAsMember(
  context: AuthContext,
  accountId: AccountId,
  wanted: NewInvitation,
): Promise<MadeInvitation> {
  if (!context.membersInvite) throw new DomainError('forbidden')
  await context.limits.consume('inviteByAccountDaily', accountId)
  return context.sql.begin(async (tx) => {
    // Two requests at once must not both count the same invitations.
    await accounts.lock(tx, accountId)
    const working = await invitations.listWorking(tx, accountId, new Date(context.now()))
    if (working.length >= MAX_INVITATIONS) throw new DomainError('too_many')
    return addInvitation(tx, context, accountId, wanted)
  })
}

/** Adds an invitation of a member, or with null of the operator. */
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

/** When an invitation expires. Throws `invitation_refused` when it does not work (any more). */
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
 * Whether whoever asks may make an account. Says nothing of the address, which nobody looks up here. Throws
 * `invitation_refused` when an invitation was given and does not work.
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
 * Admits an account that was just made, in the same transaction. Throws `sign_up_closed` or
 * `invitation_refused`, and with the transaction the account goes.
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

/** Why somebody may not make an account. */
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
 * Whether a new account is found by its number or address before its owner has said so: not where any stranger
 * may have an account to look for it.
 */
export const isFindableAtFirst = ({ signUp }: Pick<AuthContext, 'signUp'>): boolean =>
  signUp !== 'open'
