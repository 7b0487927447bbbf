import { DomainError } from '@sotto/service-runtime'
import type { AccountId, Wrap } from '@sotto/wire'
import type { AuthContext } from '../context.ts'
import * as accounts from '../store/accounts.ts'
import * as wraps from '../store/wraps.ts'

/** Replaces all wraps of an account at once. */
export async function replaceWraps(
  { sql }: AuthContext,
  accountId: AccountId,
  replacements: readonly Wrap[],
) {
  const kinds = new Set(replacements.map(({ kind }) => kind))
  if (kinds.size < replacements.length) throw new DomainError('invalid_request')
  await sql.begin(async (tx) => {
    await accounts.lock(tx, accountId)
    await wraps.removeAll(tx, accountId)
    for (const wrap of replacements) await wraps.put(tx, accountId, wrap)
  })
}
