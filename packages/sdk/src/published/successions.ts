import { verifySuccession } from '@sotto/crypto'
import type { PublishedAccount } from '@sotto/wire'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { Succeeding } from '../storage/verified-account.ts'

/**
 * How an account came from one identity key to the next (PROTOCOL.md §5.4). Only what the pinned key itself has
 * begun is followed; everything else is a key change about which the person decides.
 */

type Shown = Pick<PublishedAccount, 'accountId' | 'successions'>

/**
 * What leads from the pinned key to the one that is shown: each key has signed for the next. Undefined where
 * nothing does, where anything of it is not right, or where it goes through a key that was given up before.
 */
export async function findSuccession(
  { accountId, successions = [] }: Shown,
  { identityKey: pinned, formerKeys }: Pick<ContactRecord, 'identityKey' | 'formerKeys'>,
): Promise<Succeeding | undefined> {
  const gone = new Set(formerKeys.map(({ identityKey }) => identityKey))
  const through: string[] = []
  let latest: Omit<Succeeding, 'through'> | undefined
  for (const statement of successions) {
    const signed = await verifySuccession(statement).catch(() => undefined)
    if (signed?.account !== accountId) return undefined
    const { formerKey, identityKey, device, issuedAt } = signed
    const isNext = latest === undefined || identityKey === through.at(-1)
    if (!isNext || identityKey === pinned || gone.has(identityKey)) return undefined
    gone.add(identityKey)
    latest ??= { identityKey, device, at: issuedAt }
    if (formerKey === pinned) return { ...latest, through }
    through.push(formerKey)
  }
  return undefined
}

/** Those of the shown successions that lead to `identityKey`, the latest first, as far as they are right. */
export async function successionsTo(
  identityKey: string,
  { accountId, successions = [] }: Shown,
): Promise<string[]> {
  const right: string[] = []
  let next = identityKey
  for (const statement of successions) {
    const signed: Awaited<ReturnType<typeof verifySuccession>> | undefined = await verifySuccession(
      statement,
    ).catch(() => undefined)
    if (signed?.account !== accountId || signed.identityKey !== next) break
    right.push(statement)
    next = signed.formerKey
  }
  return right
}
