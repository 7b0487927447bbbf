import { type App, DomainError, readTableSizes, route } from '@sotto/service-runtime'
import { MAX_LISTED_INVITATIONS, authOperatorRequests as requests } from '@sotto/wire/operator'
import type { AuthContext } from '../context.ts'
import { addInvitation } from '../domain/accounts/invitations.ts'
import { askForRemoval } from '../domain/accounts/remove-account.ts'
import { searchAccounts, showAccount } from '../domain/accounts/show-account.ts'
import {
  endEverySession,
  resumeAccount,
  suspendAccount,
} from '../domain/accounts/suspend-account.ts'
import { sendTestCode } from '../domain/codes/test-code.ts'
import { putWrapsBack, showKeptWraps } from '../domain/wraps/put-wraps-back.ts'
import type { CodeSender } from '../senders/code-sender.ts'
import * as accountList from '../store/account-list.ts'
import * as invitations from '../store/invitations.ts'

/** The routes for the operator's commands, on the listener that the gateway does not reach. */
export function operatorRoutes(app: App, context: AuthContext, sendCode: CodeSender) {
  const { sql, now, signUp } = context
  route(app, requests.searchAccounts, async ({ body }) => searchAccounts(context, body))
  route(app, requests.readAccounts, async ({ body }) => ({
    accounts: await accountList.list(sql, body.accountIds),
  }))
  route(app, requests.showAccount, async ({ params }) => showAccount(context, params.accountId))
  route(app, requests.suspend, async ({ params }) => ({
    ended: await suspendAccount(context, params.accountId),
  }))
  route(app, requests.resume, async ({ params }) => {
    await resumeAccount(context, params.accountId)
    return {}
  })
  route(app, requests.endSessions, async ({ params }) => ({
    ended: await endEverySession(context, params.accountId),
  }))
  route(app, requests.showKeptWraps, async ({ params }) => showKeptWraps(context, params.accountId))
  route(app, requests.putWrapsBack, async ({ params }) => ({
    ended: await putWrapsBack(context, params.accountId, params.day),
  }))
  route(app, requests.remove, async ({ params }) => {
    await askForRemoval(context, params.accountId)
    return {}
  })
  route(app, requests.invite, async ({ body }) => ({
    ...(await addInvitation(sql, context, null, body)),
    signUp,
  }))
  route(app, requests.listInvitations, async () => {
    const working = await invitations.listAllWorking(
      sql,
      new Date(now()),
      MAX_LISTED_INVITATIONS + 1,
    )
    return {
      invitations: working.slice(0, MAX_LISTED_INVITATIONS),
      more: working.length > MAX_LISTED_INVITATIONS,
      signUp,
    }
  })
  route(app, requests.withdraw, async ({ params }) => {
    const isRemoved = await invitations.removeAny(sql, params.invitationId)
    if (!isRemoved) throw new DomainError('invitation_not_found')
    return {}
  })
  route(app, requests.storage, async () => ({ tables: await readTableSizes(sql, 'auth') }))
  route(app, requests.sendTestCode, async ({ body }) => sendTestCode(context, sendCode, body))
}
