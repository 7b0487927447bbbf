import { authOperatorRequests as auth } from '@sotto/wire/operator'
import type { Command } from '../command.ts'
import { accountIn } from '../read-given.ts'
import { count } from '../show.ts'

/** Prevents log-ins to an account. */
export const suspendCommand: Command = {
  name: 'suspend',
  usage: 'ACCOUNT',
  summary: 'ends the log-ins of an account and prevents new ones until resume. Removes no data',
  options: {},
  prepare(given) {
    const accountId = accountIn(given)
    return {
      question: `Suspend the account ${accountId}, and end its log-ins?`,
      logged: { accountId },
      async run({ ask }) {
        const { ended } = await ask(auth.suspend, { params: { accountId } })
        return {
          json: { accountId, isSuspended: true, ended },
          text: `The account is suspended; ${count(ended, 'log-in')} ended.`,
          logged: { ended },
        }
      },
    }
  },
}

/** Allows log-ins to an account again. */
export const resumeCommand: Command = {
  name: 'resume',
  usage: 'ACCOUNT',
  summary: 'allows the owner of a suspended account to log in again',
  options: {},
  prepare(given) {
    const accountId = accountIn(given)
    return {
      logged: { accountId },
      async run({ ask }) {
        await ask(auth.resume, { params: { accountId } })
        return {
          json: { accountId, isSuspended: false },
          text: 'The account is no longer suspended. Its owner can log in again.',
        }
      },
    }
  },
}

/** Ends every log-in of an account. */
export const endSessionsCommand: Command = {
  name: 'end-sessions',
  usage: 'ACCOUNT',
  summary: 'ends every log-in of an account; its owner can log in again',
  options: {},
  prepare(given) {
    const accountId = accountIn(given)
    return {
      question: `End every log-in of the account ${accountId}?`,
      logged: { accountId },
      async run({ ask }) {
        const { ended } = await ask(auth.endSessions, { params: { accountId } })
        return {
          json: { accountId, ended },
          text: `${count(ended, 'log-in')} ended.`,
          logged: { ended },
        }
      },
    }
  },
}
