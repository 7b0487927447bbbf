import { AccountId, InvitationId } from '@sotto/wire'
import { Day } from '@sotto/wire/operator'
import { AdminError } from './admin-error.ts'
import type { Given } from './command.ts'

/** The account argument of a command. */
export const accountIn = (given: Given): AccountId =>
  oneArgument(given, 'ACCOUNT', (text) => AccountId.safeParse(text).data)

/** An account argument, followed by a day. */
export function accountAndDayIn(given: Given): { accountId: AccountId; day: Day } {
  const [account = '', written, ...more] = given.args
  const accountId = accountIn({ ...given, args: [account] })
  const day = Day.safeParse(written).data
  if (day === undefined || more.length > 0) {
    throw new AdminError(
      'usage',
      'Add a day after ACCOUNT, as the command keys shows it: 2026-11-28.',
    )
  }
  return { accountId, day }
}

/** The invitation argument of a command. */
export const invitationIn = (given: Given): InvitationId =>
  oneArgument(given, 'INVITATION', (text) => InvitationId.safeParse(text).data)

function oneArgument<T>({ args }: Given, name: string, parse: (text: string) => T | undefined): T {
  const [text, ...more] = args
  if (text === undefined || more.length > 0) throw new AdminError('usage', `Give one ${name}.`)
  const parsed = parse(text)
  if (parsed === undefined) {
    const shown = `${name} is an id as ${name === 'ACCOUNT' ? 'accounts' : 'invitations'} shows it`
    throw new AdminError('usage', `${shown}, like 5f0c8d2e-3b1a-4c6d-9e7f-0a1b2c3d4e5f.`)
  }
  return parsed
}

/** Throws if there are unused arguments. */
export function noArguments({ args: [extra] }: Given): void {
  if (extra !== undefined) throw new AdminError('usage', 'This command takes only options.')
}

/** An option with an integer value; undefined if it was not given. */
export function wholeNumberIn(
  { options }: Given,
  name: string,
  { min, max }: { min: number; max: number },
): number | undefined {
  const text = options[name]
  if (text === undefined) return undefined
  const number = Number(text)
  const isFit = /^\d{1,15}$/.test(`${text}`) && number >= min && number <= max
  if (!isFit) throw new AdminError('usage', `--${name} takes a whole number from ${min} to ${max}.`)
  return number
}

/** The text of an option; undefined if it was not given. */
export function textIn({ options }: Given, name: string): string | undefined {
  const text = options[name]
  return typeof text === 'string' ? text : undefined
}
