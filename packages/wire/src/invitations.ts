import { z } from 'zod'
import { InvitationId } from './ids.ts'
import { MAX_INVITATION_DAYS, MAX_INVITATION_USES } from './limits.ts'
import { base64url, Moment } from './text.ts'

/** Who may make an account on this Sotto: everybody, those who were invited, nobody. */
export const SignUpMode = z.enum(['open', 'invitation', 'closed'])
export type SignUpMode = z.infer<typeof SignUpMode>

/** What an invitation link carries: 24 random bytes. Whoever has them may make an account. */
export const InvitationToken = base64url(32).length(32)

/** What is asked for with an invitation: for how many accounts, and for how long. */
export const NewInvitation = z.strictObject({
  uses: z.int().min(1).max(MAX_INVITATION_USES),
  days: z.int().min(1).max(MAX_INVITATION_DAYS),
})
export type NewInvitation = z.infer<typeof NewInvitation>

/** An invitation as its maker sees it later; the token is told once. */
export const InvitationEntry = z.strictObject({
  invitationId: InvitationId,
  uses: z.int().positive(),
  usesLeft: z.int().nonnegative(),
  createdAt: Moment,
  expiresAt: Moment,
})
export type InvitationEntry = z.infer<typeof InvitationEntry>
