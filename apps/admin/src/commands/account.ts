import type { AccountId } from '@sotto/wire'
import {
  type AccountDetails,
  authOperatorRequests as auth,
  chatOperatorRequests as chat,
  type PublishedDetails,
} from '@sotto/wire/operator'
import { AdminError } from '../admin-error.ts'
import type { Ask } from '../ask-server.ts'
import type { Command } from '../command.ts'
import { accountIn } from '../read-given.ts'
import { count, moment, size, table } from '../show.ts'
import { stateOf } from './accounts.ts'

/** Shows everything that is stored about one account. */
export const accountCommand: Command = {
  name: 'account',
  usage: 'ACCOUNT',
  summary:
    'shows what is stored about an account: address, devices, log-ins, bytes, quota, whether it is suspended',
  options: {},
  prepare(given) {
    const accountId = accountIn(given)
    return {
      logged: { accountId },
      async run({ ask }) {
        const account = await ask(auth.showAccount, { params: { accountId } })
        const published = await readPublished(ask, accountId)
        return { json: { ...account, published }, text: show(account, published) }
      },
    }
  },
}

/** Null for an account that has published nothing, or nothing any more. */
async function readPublished(ask: Ask, accountId: AccountId): Promise<PublishedDetails | null> {
  try {
    return await ask(chat.showPublished, { params: { accountId } })
  } catch (error) {
    if (error instanceof AdminError && error.code === 'account_not_found') return null
    throw error
  }
}

function show(account: AccountDetails, published: PublishedDetails | null): string {
  const lines: [string, string][] = [
    ['account', account.accountId],
    ['state', stateOf(account) || 'active'],
    ['name', published?.name ?? 'none yet'],
    ['phone', account.phone ?? '-'],
    ['email', account.email ?? '-'],
    ['found by it', account.findable ? 'yes' : 'no'],
    ['created', moment(account.createdAt)],
    ['last used', moment(account.lastUsedAt)],
    ['password', account.hasPassword ? 'yes' : 'no'],
    ['recovery code', account.hasRecoveryCode ? 'yes' : 'no'],
    ['invitations', `${account.invitations}`],
    ['ended log-ins', `${account.endedSessions}`],
    ...(published ? keptLines(published) : []),
  ]
  return [table(lines), ...sessionLines(account), ...deviceLines(published)].join('\n')
}

function keptLines({ usage, conversations, ownQuota }: PublishedDetails): [string, string][] {
  const { bytes, bytesThisHour, devices } = usage
  const own = (value: number | null) => (value === null ? '' : ' (own quota)')
  return [
    ['stored', `${size(bytes.used)} of ${size(bytes.allowed)}${own(ownQuota.bytes)}`],
    ['this hour', `${size(bytesThisHour.used)} of ${size(bytesThisHour.allowed)}`],
    ['conversations', `in ${conversations}`],
    [
      'started by it',
      `${usage.conversations.used} of ${usage.conversations.allowed}${own(ownQuota.conversations)}`,
    ],
    ['devices', `${devices.used} of ${devices.allowed}${own(ownQuota.devices)}`],
  ]
}

function sessionLines({ liveSessions }: AccountDetails): string[] {
  if (liveSessions.length === 0) return []
  const rows = liveSessions.map((session) => [
    session.deviceId,
    moment(session.startedAt),
    moment(session.lastUsedAt),
    session.proven ? 'yes' : 'no',
  ])
  const heading = `${count(liveSessions.length, 'live log-in')}`
  return ['', heading, table([['device', 'since', 'last used', 'has the keys'], ...rows])]
}

function deviceLines(published: PublishedDetails | null): string[] {
  if (!published || published.devices.length === 0) return []
  const rows = published.devices.map((device) => [
    device.deviceId,
    moment(device.enrolledAt),
    moment(device.revokedAt),
  ])
  return ['', 'Devices with keys', table([['device', 'enrolled', 'revoked'], ...rows])]
}
