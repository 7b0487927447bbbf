import { setTimeout as sleep } from 'node:timers/promises'
import type { AccountId } from '@sotto/wire'
import { authOperatorRequests as auth } from '@sotto/wire/operator'
import { AdminError } from '../admin-error.ts'
import type { Ask } from '../ask-server.ts'
import type { Command } from '../command.ts'
import { accountIn, wholeNumberIn } from '../read-given.ts'

const LOOK_EVERY_MS = 200
const USUAL_WAIT_SECONDS = 60

/** Removes an account for good. */
export const removeCommand: Command = {
  name: 'remove',
  usage: 'ACCOUNT [--wait SECONDS]',
  summary: `removes an account with everything that the server has of it, and its conversations for both sides; what
      the others have on their devices stays there. Waits for the end, which comes also after a crash`,
  options: { wait: 'value' },
  prepare(given) {
    const accountId = accountIn(given)
    const wait = wholeNumberIn(given, 'wait', { min: 0, max: 3_600 }) ?? USUAL_WAIT_SECONDS
    return {
      question: `Remove the account ${accountId} with its conversations? Only a backup brings it back.`,
      logged: { accountId },
      async run({ ask, now }) {
        await ask(auth.remove, { params: { accountId } })
        const isGone = await waitForEnd(ask, accountId, now() + wait * 1000, now)
        return {
          json: { accountId, isGone },
          text: isGone
            ? 'The account is gone.'
            : 'The account is being removed. It goes on by itself; account ACCOUNT shows when it is gone.',
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
