import { MAX_DEVICES } from '@sotto/wire'
import { chatOperatorRequests as chat, type OwnQuota } from '@sotto/wire/operator'
import { AdminError } from '../admin-error.ts'
import type { Command, Given } from '../command.ts'
import { accountIn, wholeNumberIn } from '../read-given.ts'
import { size } from '../show.ts'

const MEGABYTE = 1_000_000
const ALL = { bytes: null, conversations: null, devices: null }

type Change = { [K in keyof OwnQuota]?: OwnQuota[K] }

/** Sets or removes the limits of one account. */
export const quotaCommand: Command = {
  name: 'quota',
  usage: 'ACCOUNT [--megabytes N] [--conversations N] [--devices N] [--default]',
  summary: `sets limits for one account: what it may store (in 1,000,000 bytes), how many conversations it may start,
      how many devices it may have. The word default instead of N, or --default for all, restores the general
      limit`,
  options: { megabytes: 'value', conversations: 'value', devices: 'value', default: 'flag' },
  prepare(given) {
    const accountId = accountIn(given)
    const body = changeIn(given)
    return {
      logged: { accountId, ...body },
      async run({ ask }) {
        const quota = await ask(chat.setQuota, { params: { accountId }, body })
        return { json: { accountId, quota }, text: show(quota) }
      },
    }
  },
}

function changeIn(given: Given): Change {
  const megabytes = limitIn(given, 'megabytes', { min: 0, max: 1_000_000_000 })
  const conversations = limitIn(given, 'conversations', { min: 0, max: 1_000_000_000 })
  const devices = limitIn(given, 'devices', { min: 1, max: MAX_DEVICES })
  const change = {
    ...(megabytes !== undefined && { bytes: megabytes === null ? null : megabytes * MEGABYTE }),
    ...(conversations !== undefined && { conversations }),
    ...(devices !== undefined && { devices }),
  }
  const isEmpty = Object.keys(change).length === 0
  if (given.options.default) {
    if (!isEmpty)
      throw new AdminError('usage', '--default applies to all limits, so give it alone.')
    return ALL
  }
  if (isEmpty) {
    throw new AdminError(
      'usage',
      'Give a limit, or --default. The command account ACCOUNT shows the current ones.',
    )
  }
  return change
}

/** Null restores the general limit. */
function limitIn(given: Given, name: string, range: { min: number; max: number }) {
  return given.options[name] === 'default' ? null : wholeNumberIn(given, name, range)
}

function show({ bytes, conversations, devices }: OwnQuota): string {
  const said = (value: number | null, text: string) => (value === null ? 'the general limit' : text)
  return [
    `It may store: ${said(bytes, size(bytes ?? 0))}.`,
    `Conversations that it may start: ${said(conversations, `${conversations}`)}.`,
    `Devices that it may have: ${said(devices, `${devices}`)}.`,
  ].join('\n')
}
