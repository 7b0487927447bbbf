import { DomainError, networkOf } from '@sotto/service-runtime'
import type { AccountId, Actor } from '@sotto/wire'
import { parseEmailAddress } from '../../addresses/email-address.ts'
import { parsePhoneNumber } from '../../addresses/phone-number.ts'
import type { AuthContext } from '../../context.ts'
import * as accounts from '../../store/accounts.ts'

/** An account counts as young for a week. */
const YOUNG_MS = 7 * 24 * 60 * 60 * 1000

/** Finds an account by its exact phone number or email address, if it is findable. */
export async function lookUp(
  context: AuthContext,
  actor: Actor,
  ip: string,
  wanted: { phone: string } | { email: string },
): Promise<{ accountId: AccountId }> {
  const { sql, defaultCountry } = context
  await consumeLookUp(context, actor.accountId, networkOf(ip))
  const accountId = await accounts.findFindable(
    sql,
    'phone' in wanted
      ? { phone: parsePhoneNumber(wanted.phone, defaultCountry) }
      : { email: parseEmailAddress(wanted.email) },
  )
  if (!accountId) throw new DomainError('account_not_found')
  return { accountId }
}

/** Counts a look-up. The limits are narrow for accounts that may have been created for it. */
async function consumeLookUp(
  { sql, limits, now }: AuthContext,
  accountId: AccountId,
  network: string,
): Promise<void> {
  const isYoung = await accounts.isYounger(sql, accountId, new Date(now() - YOUNG_MS))
  await limits.consume(isYoung ? 'lookUpByYoungAccount' : 'lookUpByAccount', accountId)
  await limits.consume(isYoung ? 'lookUpByYoungAccountDaily' : 'lookUpByAccountDaily', accountId)
  await limits.consume('lookUpByNetwork', network)
  await limits.consume('lookUpByNetworkDaily', network)
  await limits.consume('lookUpDaily', 'all')
}
