import { MAX_INVITATION_DAYS, MAX_INVITATION_USES, type SignUpMode } from '@sotto/wire'
import { type AnyInvitation, authOperatorRequests as auth } from '@sotto/wire/operator'
import type { Command } from '../command.ts'
import { invitationIn, noArguments, wholeNumberIn } from '../read-given.ts'
import { moment, table } from '../show.ts'

/** Makes an invitation in the name of the operator. */
export const inviteCommand: Command = {
  name: 'invite',
  usage: '[--uses N] [--days N]',
  summary: 'makes an invitation link for N accounts (1) and N days (7), and shows it once',
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
        const works = `It works for ${uses === 1 ? 'one account' : `${uses} accounts`}, until ${moment(entry.expiresAt)}.`
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

/** Lists all invitations that work. */
export const invitationsCommand: Command = {
  name: 'invitations',
  usage: '',
  summary: 'lists the invitations that work, of members too',
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

/** Lets an invitation work no more. */
export const withdrawCommand: Command = {
  name: 'withdraw',
  usage: 'INVITATION',
  summary: 'lets an invitation work no more, whoever made it',
  options: {},
  prepare(given) {
    const invitationId = invitationIn(given)
    return {
      logged: { invitationId },
      async run({ ask }) {
        await ask(auth.withdraw, { params: { invitationId } })
        return { json: { invitationId }, text: 'The invitation works no more.' }
      },
    }
  },
}

/** A warning where links exist but nobody can join with them. */
const closedWords = (signUp: SignUpMode): string[] =>
  signUp === 'closed'
    ? [
        'But nobody can join at the moment, because SIGN_UP is closed. With SIGN_UP=invitation they can.',
      ]
    : []

function show(invitations: readonly AnyInvitation[], isMore: boolean): string {
  if (invitations.length === 0) return 'No invitation works.'
  const rows = invitations.map((invitation) => [
    invitation.invitationId,
    invitation.madeBy ?? 'operator',
    `${invitation.usesLeft} of ${invitation.uses}`,
    moment(invitation.createdAt),
    moment(invitation.expiresAt),
  ])
  const headings = ['invitation', 'made by', 'left', 'made', 'until']
  return [table([headings, ...rows]), ...(isMore ? ['', 'There are more.'] : [])].join('\n')
}
