import { DomainError } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import { type Day, isKeptDay, type KeptWraps } from '@sotto/wire/operator'
import type { AuthContext } from '../../context.ts'
import * as accounts from '../../store/accounts.ts'
import * as keptWraps from '../../store/kept-wraps.ts'
import * as removals from '../../store/removals.ts'
import * as wraps from '../../store/wraps.ts'
import { endAllAfter } from '../accounts/suspend-account.ts'

type Context = Pick<AuthContext, 'sql' | 'outbox' | 'now'>

/** What the operator may know about the kept wraps of an account. Throws `account_not_found`. */
export async function showKeptWraps(
  { sql }: Pick<AuthContext, 'sql'>,
  accountId: AccountId,
): Promise<KeptWraps> {
  if (!(await accounts.exists(sql, accountId))) throw new DomainError('account_not_found')
  const [kept, version, present] = await Promise.all([
    keptWraps.list(sql, accountId),
    wraps.findVersion(sql, accountId),
    wraps.list(sql, accountId),
  ])
  return { kept, current: { version, kinds: present.map(({ kind }) => kind) } }
}

/**
 * Restores the wraps to their state at the start of a day, and ends every session, because any of
 * them may have overwritten the wraps. The version continues to increase, so that no earlier
 * signature becomes valid again. The replaced wraps are kept as usual. Returns the number of ended
 * sessions. Throws `invalid_request` for a day that is not completely known.
 */
export async function putWrapsBack(
  context: Context,
  accountId: AccountId,
  day: Day,
): Promise<number> {
  if (!isKeptDay(day, context.now())) {
    throw new DomainError('invalid_request', { field: 'params/day' })
  }
  return endAllAfter(context, accountId, async (tx, moment) => {
    if (await removals.exists(tx, accountId)) throw new DomainError('forbidden')
    const beginning = await keptWraps.findBeginning(tx, accountId, day)
    if (!beginning) return
    await keptWraps.keep(tx, accountId, moment)
    await wraps.removeAll(tx, accountId)
    for (const wrap of beginning) await wraps.put(tx, accountId, wrap)
    await wraps.setVersion(tx, accountId, (await wraps.findVersion(tx, accountId)) + 1)
  })
}
