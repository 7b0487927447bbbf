import { setTimeout as sleep } from 'node:timers/promises'
import type { AccountId } from '@sotto/wire'
import { authOperatorRequests as auth } from '@sotto/wire/operator'
import { AdminError } from '../admin-error.ts'
import type { Ask } from '../ask-server.ts'
import type { Command } from '../command.ts'
import { accountIn, wholeNumberIn } from '../read-given.ts'

const LOOK_EVERY_MS = 200
const USUAL_WAIT_SECONDS = 60

/** Permanently removes an account. */
export const removeCommand: Command = {
  name: 'remove',
  usage: 'ACCOUNT [--wait SECONDS]',
  summary: `removes an account, everything that the server stores about it, and its conversations for both sides; copies
      on the others' devices remain. Waits for the end, which is reached even after a crash`,
  options: { wait: 'value' },
  prepare(given) {
    const accountId = accountIn(given)
    const wait = wholeNumberIn(given, 'wait', { min: 0, max: 3_600 }) ?? USUAL_WAIT_SECONDS
    return {
      question: `Remove the account ${accountId} and its conversations? Only a backup can restore it.`,
      logged: { accountId },
      async run({ ask, now }) {
        await ask(auth.remove, { params: { accountId } })
        const isGone = await waitForEnd(ask, accountId, now() + wait * 1000, now)
        return {
          json: { accountId, isGone },
          text: isGone
            ? 'The account has been removed.'
            : 'The account is being removed. This continues in the background; the command account ACCOUNT shows when it is gone.',
          logged: { isGone },
        }
      },
    }
  },
}

async function waitForEnd(ask: Ask, accountId: AccountId, until: number, now: () => number) {
  for (;;) {
    if (await isGone(ask, accountId)) return true
    if (now() >= until) return false
    await sleep(LOOK_EVERY_MS)
  }
}

async function isGone(ask: Ask, accountId: AccountId): Promise<boolean> {
  try {
    await ask(auth.showAccount, { params: { accountId } })
    return false
  } catch (error) {
    if (error instanceof AdminError && error.code === 'account_not_found') return true
    throw error
  }
}
