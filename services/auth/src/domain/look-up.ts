import { DomainError } from '@sotto/service-runtime'
import type { AccountId, Actor } from '@sotto/wire'
import type { AuthContext } from '../context.ts'
import * as accounts from '../store/accounts.ts'
import { parseEmailAddress } from './email-address.ts'
import { parsePhoneNumber } from './phone-number.ts'

/** Finds an account by its exact phone number or e-mail address, if it wants to be found. */
export async function lookUp(
  { sql, limits, defaultCountry }: AuthContext,
  actor: Actor,
  wanted: { phone: string } | { email: string },
): Promise<{ accountId: AccountId }> {
  await limits.consume('lookUpByAccount', actor.accountId)
  await limits.consume('lookUpByAccountDaily', actor.accountId)
  const accountId = await accounts.findFindable(
    sql,
    'phone' in wanted
      ? { phone: parsePhoneNumber(wanted.phone, defaultCountry) }
      : { email: parseEmailAddress(wanted.email) },
  )
  if (!accountId) throw new DomainError('account_not_found')
  return { accountId }
}
