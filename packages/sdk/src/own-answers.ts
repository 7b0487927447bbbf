import { authRequests, type BoxName, chatRequests, type PublishedAccount } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { codeOf } from './errors.ts'

/** What the server has of the own account; undefined where it has nothing yet. */

export async function findPublished({
  authorized,
  state,
}: AccountContext): Promise<PublishedAccount | undefined> {
  const params = { accountId: state.login().accountId }
  return orUndefined(authorized(chatRequests.getUser, { params }))
}

export async function findBox({ authorized }: AccountContext, box: BoxName) {
  return orUndefined(authorized(chatRequests.getBox, { params: { box } }))
}

/** Phone, address and whether others find the account by them. */
export async function loadReachability({ authorized }: AccountContext) {
  const { phone, email, findable } = await authorized(authRequests.ownAccount, {})
  return { phone, email, findable }
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    const code = codeOf(error)
    if (code === 'not_found' || code === 'account_not_found') return undefined
    throw error
  }
}
