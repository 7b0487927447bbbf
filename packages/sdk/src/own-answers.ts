import { authRequests, type BoxName, chatRequests, type PublishedAccount } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { ClientError } from './errors.ts'

/** What the server has of the own account; undefined where it has nothing yet. */

export async function findPublished({
  authorized,
  state,
}: AccountContext): Promise<PublishedAccount | undefined> {
  const { account } = await authorized(chatRequests.ownUser, {})
  if (account && account.accountId !== state.login().accountId) {
    throw new ClientError('untrusted_answer')
  }
  return account ?? undefined
}

export async function findBox({ authorized }: AccountContext, box: BoxName) {
  const answer = await authorized(chatRequests.getBox, { params: { box } })
  return answer.box ?? undefined
}

/** Phone, address and whether others find the account by them. */
export async function loadReachability({ authorized }: AccountContext) {
  const { phone, email, findable } = await authorized(authRequests.ownAccount, {})
  return { phone, email, findable }
}
