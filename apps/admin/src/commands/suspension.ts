import { authOperatorRequests as auth } from '@sotto/wire/operator'
import type { Command } from '../command.ts'
import { accountIn } from '../read-given.ts'
import { count } from '../show.ts'

/** Lets nobody log in with an account. */
export const suspendCommand: Command = {
  name: 'suspend',
  usage: 'ACCOUNT',
  summary:
    'ends the log-ins of an account and lets nobody log in with it, until resume. Nothing of it is removed',
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

/** Lets the owner of an account log in again. */
export const resumeCommand: Command = {
  name: 'resume',
  usage: 'ACCOUNT',
  summary: 'lets the owner of a suspended account log in again',
  options: {},
  prepare(given) {
    const accountId = accountIn(given)
    return {
      logged: { accountId },
      async run({ ask }) {
        await ask(auth.resume, { params: { accountId } })
        return {
          json: { accountId, isSuspended: false },
          text: 'The account is not suspended any more. Its owner logs in again.',
        }
      },
    }
  },
}

/** Ends every log-in of an account. */
export const endSessionsCommand: Command = {
  name: 'end-sessions',
  usage: 'ACCOUNT',
  summary: 'ends every log-in of an account; its owner may log in again',
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
