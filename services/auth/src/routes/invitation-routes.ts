import { type App, DomainError, route } from '@sotto/service-runtime'
import { authRequests } from '@sotto/wire'
import type { AuthContext } from '../context.ts'
import { checkInvitation, inviteAsMember } from '../domain/accounts/invitations.ts'
import * as invitations from '../store/invitations.ts'

/** Who may create an account here, and the members' invitations. */
export function invitationRoutes(app: App, context: AuthContext) {
  const { sql, signUp, membersInvite, now } = context
  route(app, authRequests.signUp, async () => ({ signUp, membersInvite }))
  route(app, authRequests.checkInvitation, async ({ body, request }) =>
    checkInvitation(context, request.ip, body.invitation),
  )
  route(app, authRequests.createInvitation, async ({ actor, body }) =>
    inviteAsMember(context, actor.accountId, body),
  )
  route(app, authRequests.listInvitations, async ({ actor }) => ({
    invitations: await invitations.listWorking(sql, actor.accountId, new Date(now())),
  }))
  route(app, authRequests.revokeInvitation, async ({ actor, params }) => {
    if (!(await invitations.remove(sql, actor.accountId, params.invitationId))) {
      throw new DomainError('invitation_not_found')
    }
    return {}
  })
}
