import { AccountId, authRequests, InvitationToken, type NewInvitation } from '@sotto/wire'
import type { MadeInvitation, SignUpPolicy } from '../../api/answers.ts'
import { ClientError, codeOf } from '../../api/errors.ts'
import { put, remove } from '../../storage/record-kind.ts'
import { INVITATION, INVITED_BY, type Inviter } from '../../storage/records/account.ts'
import type { AccountContext } from '../state/account-context.ts'

/**
 * Invitations (PROTOCOL.md §10.12). Everything in the link comes after `#`, which browsers never send: the token that
 * permits creating an account, and the inviter's account with the identity key that the newcomer must find.
 */

const LINK = /#\/join\/([\w-]{32})(?:\.([0-9a-f-]{36})\.([\w-]{43}))?(?![\w.-])/

/** Parses an invitation link, which may be surrounded by other text. Throws `not_an_invitation`. */
function parseInvitation(text: string): { token: string; from: Inviter | null } {
  const [, token, account, identityKey] = LINK.exec(text) ?? []
  if (!InvitationToken.safeParse(token).success || token === undefined) {
    throw new ClientError('not_an_invitation')
  }
  if (account === undefined || identityKey === undefined) return { token, from: null }
  const accountId = AccountId.safeParse(account)
  if (!accountId.success) throw new ClientError('not_an_invitation')
  return { token, from: { accountId: accountId.data, identityKey } }
}

/** Who may create an account on this server, and whether this device holds an invitation. */
export async function signUpPolicy({ call, storage }: AccountContext): Promise<SignUpPolicy> {
  const policy = await call(authRequests.signUp, {})
  return { ...policy, isInvited: (await storage.load(INVITATION)) !== undefined }
}

/** Keeps a valid invitation until an account is created here. */
export async function acceptInvitation({ call, storage }: AccountContext, link: string) {
  const invitation = parseInvitation(link)
  await call(authRequests.checkInvitation, { body: { invitation: invitation.token } })
  await storage.write([put(INVITATION, invitation)])
}

/**
 * Sends a request that may create an account, with the stored invitation if there is one. An invitation that no longer
 * works is dropped, so that the next attempt goes without.
 */
export async function withInvitation<T>(
  { storage }: AccountContext,
  ask: (shown: { invitation?: string }) => Promise<T>,
): Promise<T> {
  const kept = await storage.load(INVITATION)
  try {
    return await ask(kept ? { invitation: kept.token } : {})
  } catch (error) {
    if (codeOf(error) === 'invitation_refused') await storage.write([remove(INVITATION)])
    throw error
  }
}

/**
 * The changes to a stored invitation after a log-in: a person who has used it to create an account will meet the
 * inviter next.
 */
export async function changesForInvitation({ storage }: AccountContext, created: boolean) {
  const kept = await storage.load(INVITATION)
  if (!kept) return []
  return [remove(INVITATION), ...(created && kept.from ? [put(INVITED_BY, kept.from)] : [])]
}

/** Creates an invitation from this account. */
export async function createInvitation(
  { state, authorized, origin }: AccountContext,
  wanted: NewInvitation,
): Promise<MadeInvitation> {
  const { invitation, ...entry } = await authorized(authRequests.createInvitation, { body: wanted })
  const { accountId } = state.login()
  const { identityKey } = state.me().own.record
  return { ...entry, link: `${origin}/#/join/${invitation}.${accountId}.${identityKey}` }
}
