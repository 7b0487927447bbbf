import { z } from 'zod'
import { InvitationId } from './ids.ts'
import { MAX_INVITATION_DAYS, MAX_INVITATION_USES } from './limits.ts'
import { base64url, Moment } from './text.ts'

/** Who may create an account on this server: everyone, invited people, or no one. */
export const SignUpMode = z.enum(['open', 'invitation', 'closed'])
export type SignUpMode = z.infer<typeof SignUpMode>

/** The secret in an invitation link: 24 random bytes. It is enough to create an account. */
export const InvitationToken = base64url(32).length(32)

/** A request for an invitation: how many accounts it allows, and how long it is valid. */
export const NewInvitation = z.strictObject({
  uses: z.int().min(1).max(MAX_INVITATION_USES),
  days: z.int().min(1).max(MAX_INVITATION_DAYS),
})
export type NewInvitation = z.infer<typeof NewInvitation>

/** An invitation as its creator sees it later. The token is returned only at creation. */
export const InvitationEntry = z.strictObject({
  invitationId: InvitationId,
  uses: z.int().positive(),
  usesLeft: z.int().nonnegative(),
  createdAt: Moment,
  expiresAt: Moment,
})
export type InvitationEntry = z.infer<typeof InvitationEntry>
