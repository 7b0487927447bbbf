import type { AccountId } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import * as accounts from '../../store/accounts.ts'
import * as removals from '../../store/removals.ts'
import * as suspensions from '../../store/suspensions.ts'
import { endAllAfter } from './suspend-account.ts'

// Note: a removal. It takes several transactions in two services, and a crash may follow any of
// them. `auth.removals` records that one has begun; meanwhile no one can log in. The job
// `account.remove` makes the chat service remove its data, in steps that may be repeated. The sweep
// repeats the job until that has happened. Then the job `account.forget` removes the account and
// everything else here in one transaction.

/** The number of removals that one sweep continues. */
const AT_ONCE = 100

/** Starts the removal of an account. Idempotent. */
export async function askForRemoval(context: AuthContext, accountId: AccountId): Promise<void> {
  const { outbox } = context
  await endAllAfter(context, accountId, async (tx, now) => {
    await suspensions.add(tx, accountId, now)
    await removals.add(tx, accountId, now)
    await outbox.add(tx, [{ type: 'account.remove', accountId }])
  })
}

/** Continues removals that are not complete. */
export async function continueRemovals({ sql, sendJob }: AuthContext): Promise<void> {
  for (const accountId of await removals.list(sql, AT_ONCE)) {
    await sendJob({ type: 'account.remove', accountId })
  }
}

/**
 * Completes a removal after the chat service has deleted everything. It only affects an account
 * that the operator wants removed: no other service can remove one on its own.
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
