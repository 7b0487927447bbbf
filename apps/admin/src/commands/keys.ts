import type { AccountId } from '@sotto/wire'
import { authOperatorRequests as auth, chatOperatorRequests as chat } from '@sotto/wire/operator'
import { AdminError } from '../admin-error.ts'
import type { Command, Tools } from '../command.ts'
import { type KeptDay, keptDays } from '../kept-days.ts'
import { accountAndDayIn, accountIn } from '../read-given.ts'
import { refusalWords } from '../refusal-words.ts'
import { count, table } from '../show.ts'

/** Shows the kept boxes, manifests and wraps of an account. */
export const keysCommand: Command = {
  name: 'keys',
  usage: 'ACCOUNT',
  summary: `shows the kept versions of an account's sealed keys: for each of the last 30 days on which something was
      replaced, the versions at the start of the day`,
  options: {},
  prepare(given) {
    const accountId = accountIn(given)
    return {
      logged: { accountId },
      async run(tools) {
        const days = await readDays(tools, accountId)
        return { json: { accountId, days }, text: show(days) }
      },
    }
  },
}

/** Restores the sealed keys of an account. */
export const putKeysBackCommand: Command = {
  name: 'put-keys-back',
  usage: 'ACCOUNT DAY',
  summary: `restores the sealed keys, contacts, manifest and wraps of an account to the start of a day, and ends its
      log-ins. Talk to its owner first: the recovery code of that day becomes valid again, and devices that have
      seen later versions must be set up again`,
  options: {},
  prepare(given) {
    const { accountId, day } = accountAndDayIn(given)
    return {
      question: `Restore the sealed keys of ${accountId} to the start of ${day}, and end its log-ins?`,
      logged: { accountId, day },
      async run(tools) {
        const { ask } = tools
        const params = { accountId, day }
        refuseUnfit(await readDays(tools, accountId), day)
        // First, so that an attacker who overwrites them cannot do so again in between.
        const { ended } = await ask(auth.endSessions, { params: { accountId } })
        const versions = await ask(chat.putKeysBack, { params })
        const last = await ask(auth.putWrapsBack, { params })
        const outcome = { ...versions, ended: ended + last.ended }
        return {
          json: { ...params, ...outcome },
          text: `The keys are restored to the start of ${day}; ${count(outcome.ended, 'log-in')} ended.`,
          logged: outcome,
        }
      },
    }
  },
}

async function readDays({ ask, now }: Pick<Tools, 'ask' | 'now'>, accountId: AccountId) {
  const params = { accountId }
  const [keys, wraps] = [
    await ask(chat.showKeptKeys, { params }),
    await ask(auth.showKeptWraps, { params }),
  ]
  return keptDays(keys, wraps, now())
}

function refuseUnfit(days: readonly KeptDay[], day: string): void {
  const kept = days.find((one) => one.day === day)
  if (!kept) {
    const words =
      'Nothing of this account was replaced on that day. The command keys ACCOUNT shows the days.'
    throw new AdminError('failed', words, 'invalid_request')
  }
  if (!kept.hasSameKeys) {
    throw new AdminError('failed', refusalWords('bad_signature'), 'bad_signature')
  }
}

function show(days: readonly KeptDay[]): string {
  if (days.length === 0) return 'Nothing was replaced in the last 30 days.'
  const rows = days.map(({ day, keys, contacts, manifest, wraps, hasSameKeys }) => [
    day,
    `${keys ?? '-'}`,
    `${contacts ?? '-'}`,
    `${manifest ?? '-'}`,
    `${wraps}`,
    hasSameKeys ? 'yes' : 'no, the keys changed since',
  ])
  return table([
    ['at the start of the day', 'keys', 'contacts', 'manifest', 'wraps', 'can be restored'],
    ...rows,
  ])
}
