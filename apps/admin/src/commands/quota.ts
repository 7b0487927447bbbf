import { MAX_DEVICES } from '@sotto/wire'
import { chatOperatorRequests as chat, type OwnQuota } from '@sotto/wire/operator'
import { AdminError } from '../admin-error.ts'
import type { Command, Given } from '../command.ts'
import { accountIn, wholeNumberIn } from '../read-given.ts'
import { size } from '../show.ts'

const MEGABYTE = 1_000_000
const ALL = { bytes: null, conversations: null, devices: null }

type Change = { [K in keyof OwnQuota]?: OwnQuota[K] }

/** Gives an account limits of its own, or takes them back. */
export const quotaCommand: Command = {
  name: 'quota',
  usage: 'ACCOUNT [--megabytes N] [--conversations N] [--devices N] [--default]',
  summary: `gives an account limits of its own: what it may keep (in 1,000,000 bytes), how many conversations it may
      begin, how many devices it may have. The word default instead of N, or --default for all, goes back to what
      everybody has`,
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
    if (!isEmpty) throw new AdminError('usage', '--default is about all limits: give it alone.')
    return ALL
  }
  if (isEmpty) {
    throw new AdminError(
      'usage',
      'Give a limit, or --default. account ACCOUNT shows those there are.',
    )
  }
  return change
}

/** Null: what everybody has. */
function limitIn(given: Given, name: string, range: { min: number; max: number }) {
  return given.options[name] === 'default' ? null : wholeNumberIn(given, name, range)
}

function show({ bytes, conversations, devices }: OwnQuota): string {
  const said = (value: number | null, text: string) => (value === null ? 'as everybody' : text)
  return [
    `It may keep: ${said(bytes, size(bytes ?? 0))}.`,
    `It may begin conversations: ${said(conversations, `${conversations}`)}.`,
    `It may have devices: ${said(devices, `${devices}`)}.`,
  ].join('\n')
}
