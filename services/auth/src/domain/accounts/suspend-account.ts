import { DomainError, type Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import * as accounts from '../../store/accounts.ts'
import * as removals from '../../store/removals.ts'
import * as sessions from '../../store/sessions.ts'
import * as suspensions from '../../store/suspensions.ts'
import { announceEnded } from '../ended-sessions/end-sessions.ts'

type Context = Pick<AuthContext, 'sql' | 'outbox' | 'now'>

/**
 * Prevents log-ins to an account until `resumeAccount`, and ends its sessions. Returns their
 * number. Log-ins lock the account too, so no concurrent log-in slips through.
 */
export async function suspendAccount(context: Context, accountId: AccountId): Promise<number> {
  return endAllAfter(context, accountId, (tx, now) => suspensions.add(tx, accountId, now))
}

/** Ends every session of an account. Returns their number. */
export async function endEverySession(context: Context, accountId: AccountId): Promise<number> {
  return endAllAfter(context, accountId, async () => {})
}

/**
 * Allows log-ins again; the ended sessions stay ended. Throws `forbidden` while the account is
 * being removed.
 */
export async function resumeAccount({ sql }: Context, accountId: AccountId): Promise<void> {
  await sql.begin(async (tx) => {
    await lockExisting(tx, accountId)
    // Data that was already removed cannot be restored.
    if (await removals.exists(tx, accountId)) throw new DomainError('forbidden')
    await suspensions.remove(tx, accountId)
  })
}

/**
 * Throws `account_suspended`, or `unavailable` while the account is being removed, because its
 * address will soon be free. The caller holds the account's lock and has verified its owner.
 */
export async function refuseSuspended(tx: Tx, accountId: AccountId): Promise<void> {
  const standing = await suspensions.find(tx, accountId)
  if (standing === 'suspended') throw new DomainError('account_suspended')
  if (standing === 'gone') throw new DomainError('unavailable')
}

/** Ends all sessions of an account in the transaction of `act`. */
export async function endAllAfter(
  { sql, outbox, now }: Context,
  accountId: AccountId,
  act: (tx: Tx, now: Date) => Promise<void>,
): Promise<number> {
  const ended = await sql.begin(async (tx) => {
    const moment = new Date(now())
    await lockExisting(tx, accountId)
    await act(tx, moment)
    const ended = await sessions.endAll(tx, accountId, moment)
    await announceEnded(tx, outbox, ended)
    return ended
  })
  outbox.kick()
  return ended.length
}

/** Throws `account_not_found`. */
async function lockExisting(tx: Tx, accountId: AccountId) {
  if (!(await accounts.lock(tx, accountId))) throw new DomainError('account_not_found')
}
