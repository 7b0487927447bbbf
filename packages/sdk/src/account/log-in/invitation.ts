import { AccountId, authRequests, InvitationToken, type NewInvitation } from '@sotto/wire'
import type { MadeInvitation, SignUpPolicy } from '../../api/commands.ts'
import { ClientError, codeOf } from '../../api/errors.ts'
import { put, remove } from '../../storage/record-kind.ts'
import { INVITATION, INVITED_BY, type Inviter } from '../../storage/records/account.ts'
import type { AccountContext } from '../state/account-context.ts'

/**
 * Invitations (PROTOCOL.md §10.12). The link has everything behind `#`, which browsers send to nobody: the token
 * that lets somebody make an account, and who invites, with the identity key that the newcomer has to find.
 */

const LINK = /#\/join\/([\w-]{32})(?:\.([0-9a-f-]{36})\.([\w-]{43}))?(?![\w.-])/

/** What an invitation link says; the text may have words around it. Throws `not_an_invitation`. */
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

/** Who may make an account on this server, and whether this device holds an invitation. */
export async function signUpPolicy({ call, storage }: AccountContext): Promise<SignUpPolicy> {
  const policy = await call(authRequests.signUp, {})
  return { ...policy, isInvited: (await storage.load(INVITATION)) !== undefined }
}

/** Keeps an invitation that works until an account is made here. */
export async function acceptInvitation({ call, storage }: AccountContext, link: string) {
  const invitation = parseInvitation(link)
  await call(authRequests.checkInvitation, { body: { invitation: invitation.token } })
  await storage.write([put(INVITATION, invitation)])
}

/**
 * Sends a request that may make an account, with the kept invitation if there is one. An invitation that works
 * no more is forgotten, so that the next try goes without.
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

/** What becomes of a kept invitation with a log-in: whoever has made an account with it will meet who invited. */
export async function changesForInvitation({ storage }: AccountContext, created: boolean) {
  const kept = await storage.load(INVITATION)
  if (!kept) return []
  return [remove(INVITATION), ...(created && kept.from ? [put(INVITED_BY, kept.from)] : [])]
}

/** Makes an invitation in the own name. */
export async function createInvitation(
  { state, authorized, origin }: AccountContext,
  wanted: NewInvitation,
): Promise<MadeInvitation> {
  const { invitation, ...entry } = await authorized(authRequests.createInvitation, { body: wanted })
  const { accountId } = state.login()
  const { identityKey } = state.me().own.record
  return { ...entry, link: `${origin}/#/join/${invitation}.${accountId}.${identityKey}` }
}
