import { authRequests, type BoxName, chatRequests, type PublishedAccount } from '@sotto/wire'
import { ClientError, codeOf } from '../../api/errors.ts'
import { put } from '../../storage/record-kind.ts'
import { ERA } from '../../storage/records/account.ts'
import type { Change } from '../../storage/storage.ts'
import type { AccountContext } from './account-context.ts'

/** What the server has of our account; undefined if it has nothing yet. */

/** No account has published that often: a server that shows more is trying to exhaust the versions. */
const MAX_HONEST_VERSION = 2 ** 31

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

/** The server's era. Anything read afterwards is from this era or a later one. */
export async function findEra({ authorized }: AccountContext): Promise<string> {
  try {
    return (await authorized(chatRequests.readEra, {})).era
  } catch (cause) {
    // An instance of the previous version doesn't know this request and is about to be replaced.
    if (codeOf(cause) !== 'not_found') throw cause
    throw new ClientError('unavailable', undefined, { cause })
  }
}

/** Records the era in which a device starts. Logs already stored here stay in theirs. */
export async function beginningIn({ storage }: AccountContext, era: string): Promise<Change[]> {
  return (await storage.load(ERA)) === undefined ? [put(ERA, era)] : []
}

export async function findBox({ authorized }: AccountContext, box: BoxName) {
  const answer = await authorized(chatRequests.getBox, { params: { box } })
  return answer.box ?? undefined
}

/** The version after all of these. Throws `untrusted_answer` if no honest server could show one of them. */
export function versionAfter(...versions: readonly number[]): number {
  const newest = Math.max(...versions)
  if (newest > MAX_HONEST_VERSION) throw new ClientError('untrusted_answer')
  return newest + 1
}

/** Phone number, email address, and whether others can find the account by them. */
export async function loadReachability({ authorized }: AccountContext) {
  const { phone, email, findable } = await authorized(authRequests.ownAccount, {})
  return { phone, email, findable }
}
