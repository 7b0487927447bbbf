import { MAX_INVITATION_DAYS, MAX_INVITATION_USES, type SignUpMode } from '@sotto/wire'
import { type AnyInvitation, authOperatorRequests as auth } from '@sotto/wire/operator'
import type { Command } from '../command.ts'
import { invitationIn, noArguments, wholeNumberIn } from '../read-given.ts'
import { moment, table } from '../show.ts'

/** Creates an invitation in the operator's name. */
export const inviteCommand: Command = {
  name: 'invite',
  usage: '[--uses N] [--days N]',
  summary: 'creates an invitation link for N accounts (1), valid for N days (7), and shows it once',
  options: { uses: 'value', days: 'value' },
  prepare(given) {
    noArguments(given)
    const uses = wholeNumberIn(given, 'uses', { min: 1, max: MAX_INVITATION_USES }) ?? 1
    const days = wholeNumberIn(given, 'days', { min: 1, max: MAX_INVITATION_DAYS }) ?? 7
    return {
      logged: { uses, days },
      async run({ ask, publicUrl }) {
        const answer = await ask(auth.invite, { body: { uses, days } })
        const { invitation, signUp, ...entry } = answer
        const link = `${publicUrl ?? ''}/#/join/${invitation}`
        const works = `It is valid for ${uses === 1 ? 'one account' : `${uses} accounts`}, until ${moment(entry.expiresAt)}.`
        return {
          json: { ...entry, link, signUp },
          text: [`${link}\n${works} Its id is ${entry.invitationId}.`, ...closedWords(signUp)].join(
            '\n',
          ),
          logged: { invitationId: entry.invitationId },
        }
      },
    }
  },
}

/** Lists all valid invitations. */
export const invitationsCommand: Command = {
  name: 'invitations',
  usage: '',
  summary: 'lists the valid invitations, including those of members',
  options: {},
  prepare(given) {
    noArguments(given)
    return {
      async run({ ask }) {
        const { invitations, more, signUp } = await ask(auth.listInvitations)
        const text = [show(invitations, more), ...closedWords(signUp)].join('\n')
        return { json: { invitations, more, signUp }, text }
      },
    }
  },
}

/** Revokes an invitation. */
export const withdrawCommand: Command = {
  name: 'withdraw',
  usage: 'INVITATION',
  summary: 'revokes an invitation, whoever created it',
  options: {},
  prepare(given) {
    const invitationId = invitationIn(given)
    return {
      logged: { invitationId },
      async run({ ask }) {
        await ask(auth.withdraw, { params: { invitationId } })
        return { json: { invitationId }, text: 'The invitation has been revoked.' }
      },
    }
  },
}

/** A warning if links exist but no one can join with them. */
const closedWords = (signUp: SignUpMode): string[] =>
  signUp === 'closed'
    ? [
        'However, no one can join at the moment, because SIGN_UP is closed. Set SIGN_UP=invitation to allow it.',
      ]
    : []

function show(invitations: readonly AnyInvitation[], isMore: boolean): string {
  if (invitations.length === 0) return 'There are no valid invitations.'
  const rows = invitations.map((invitation) => [
    invitation.invitationId,
    invitation.madeBy ?? 'operator',
    `${invitation.usesLeft} of ${invitation.uses}`,
    moment(invitation.createdAt),
    moment(invitation.expiresAt),
  ])
  const headings = ['invitation', 'created by', 'left', 'created', 'until']
  return [table([headings, ...rows]), ...(isMore ? ['', 'There are more.'] : [])].join('\n')
}
