import { AccountId, MAX_PAGE } from '@sotto/wire'
import {
  authOperatorRequests as auth,
  chatOperatorRequests as chat,
  type ListedAccount,
} from '@sotto/wire/operator'
import { AdminError } from '../admin-error.ts'
import type { Ask } from '../ask-server.ts'
import type { Command, Given } from '../command.ts'
import { textIn, wholeNumberIn } from '../read-given.ts'
import { moment, size, table } from '../show.ts'

const USUAL_PAGE = 30

/** An account, with the data of both services. */
export interface ShownAccount extends ListedAccount {
  /** Null if it has published nothing yet. */
  readonly name: string | null
  readonly bytes: number
}

interface Page {
  readonly limit: number
  readonly after?: AccountId
}
type Search = { digits: string } | { email: string } | { name: string } | Record<never, never>

/** Lists or searches accounts. */
export const accountsCommand: Command = {
  name: 'accounts',
  usage: '[TEXT] [--name TEXT] [--limit N] [--after ACCOUNT]',
  summary: `lists accounts, newest first; or those with TEXT in their number (digits), email address (with @) or name
      (anything else, or after --name). --after continues after an account`,
  options: { name: 'value', limit: 'value', after: 'value' },
  prepare(given) {
    const search = searchIn(given)
    const page = pageIn(given)
    return {
      // Not the search text, which may be a number or a name.
      logged: { by: Object.keys(search)[0] ?? null },
      async run({ ask }) {
        const { accounts, next } = await find(ask, search, page)
        return { json: { accounts, next }, text: show(accounts, next) }
      },
    }
  },
}

function pageIn(given: Given): Page {
  const limit = wholeNumberIn(given, 'limit', { min: 1, max: MAX_PAGE }) ?? USUAL_PAGE
  const after = textIn(given, 'after')
  if (after === undefined) return { limit }
  const { data } = AccountId.safeParse(after)
  if (!data) throw new AdminError('usage', '--after takes the id of an account.')
  return { limit, after: data }
}

function searchIn(given: Given): Search {
  const name = textIn(given, 'name')
  const [text, ...more] = given.args
  if (more.length > 0 || (name !== undefined && text !== undefined)) {
    throw new AdminError(
      'usage',
      'Search for one text. Put it in quotation marks if it contains spaces.',
    )
  }
  if (name !== undefined) return { name }
  if (text === undefined) return {}
  if (text.includes('@')) return { email: text }
  return digitsOf(text) ?? { name: text }
}

/** The digits of a number as it is stored: without `+`, `00`, a trunk zero, and separators. */
function digitsOf(text: string): Search | undefined {
  if (!/^[+\d][\d ()./-]*$/.test(text)) return undefined
  const digits = text.replaceAll(/\D/g, '').replace(/^0+/, '')
  return digits === '' ? undefined : { digits: digits.slice(0, 15) }
}

async function find(ask: Ask, search: Search, page: Page) {
  if ('name' in search) {
    const body = { name: search.name.trim(), ...page }
    const { accounts: named, next } = await ask(chat.searchNames, { body })
    const accountIds = named.map(({ accountId }) => accountId)
    const { accounts } = await ask(auth.readAccounts, { body: { accountIds } })
    const known = new Map(accounts.map((account) => [account.accountId, account]))
    return {
      accounts: named.flatMap(({ accountId, name, bytes }): ShownAccount[] => {
        const account = known.get(accountId)
        return account ? [{ ...account, name, bytes }] : []
      }),
      next,
    }
  }
  const { accounts, next } = await ask(auth.searchAccounts, { body: { ...search, ...page } })
  const accountIds = accounts.map(({ accountId }) => accountId)
  const { accounts: named } = await ask(chat.readNames, { body: { accountIds } })
  const names = new Map(named.map((account) => [account.accountId, account]))
  return {
    accounts: accounts.map((account): ShownAccount => {
      const { name = null, bytes = 0 } = names.get(account.accountId) ?? {}
      return { ...account, name, bytes }
    }),
    next,
  }
}

function show(accounts: readonly ShownAccount[], next: AccountId | null): string {
  if (accounts.length === 0) return 'No account was found.'
  const rows = accounts.map((account) => [
    account.accountId,
    account.name ?? '-',
    account.phone ?? account.email ?? '-',
    moment(account.createdAt),
    moment(account.lastUsedAt),
    `${account.sessions}`,
    size(account.bytes),
    stateOf(account),
  ])
  const headings = [
    'account',
    'name',
    'address',
    'created',
    'last used',
    'log-ins',
    'stored',
    'state',
  ]
  const more = next === null ? [] : ['', `There are more: --after ${next}`]
  return [table([headings, ...rows]), ...more].join('\n')
}

/** The state of an account in one word. */
export function stateOf({ suspendedAt, removalAskedAt }: ListedAccount): string {
  if (removalAskedAt !== null) return 'being removed'
  return suspendedAt === null ? '' : 'suspended'
}
