import type { AccountId } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import * as accounts from '../../store/accounts.ts'
import * as removals from '../../store/removals.ts'
import * as suspensions from '../../store/suspensions.ts'
import { endAllAfter } from './suspend-account.ts'

// Note: a removal. It takes several transactions in two services, and any of them may be the last before a crash.
// `auth.removals` says that one has begun; nobody can log in meanwhile. The job `account.remove` lets the chat
// service remove what it has, in steps that may be repeated; the sweep asks again until that has happened.
// Then comes the job `account.forget`, and the account goes with everything else here in one transaction.

/** Removals that one sweep goes on with. */
const AT_ONCE = 100

/** Begins the removal of an account. Again it changes nothing. */
export async function askForRemoval(context: AuthContext, accountId: AccountId): Promise<void> {
  const { outbox } = context
  await endAllAfter(context, accountId, async (tx, now) => {
    await suspensions.add(tx, accountId, now)
    await removals.add(tx, accountId, now)
    await outbox.add(tx, [{ type: 'account.remove', accountId }])
  })
}

/** Goes on with removals that have not ended. */
export async function continueRemovals({ sql, sendJob }: AuthContext): Promise<void> {
  for (const accountId of await removals.list(sql, AT_ONCE)) {
    await sendJob({ type: 'account.remove', accountId })
  }
}

/**
 * Ends a removal, when nothing of the account is left in the chat service. Only of an account that the operator
 * wants removed: no other service can remove one by itself.
 */
export async function forgetAccount(
  { sql, limits }: AuthContext,
  accountId: AccountId,
): Promise<void> {
  await sql.begin(async (tx) => {
    const address = await accounts.lock(tx, accountId)
    if (!address || !(await removals.exists(tx, accountId))) return
    await limits.forget(tx, [accountId, address])
    await removals.carryOut(tx, accountId)
  })
}
