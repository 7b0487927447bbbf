import { authRequests } from '@sotto/wire'
import type { AccountContext } from '../state/account-context.ts'

/** Sets whether others can find the account by its phone number or email address. */
export async function putFindable({ authorized }: AccountContext, findable: boolean) {
  await authorized(authRequests.setFindable, { body: { findable } })
}
