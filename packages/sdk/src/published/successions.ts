import { verifySuccession } from '@sotto/crypto'
import type { PublishedAccount } from '@sotto/wire'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { Succeeding } from '../storage/verified-account.ts'

/**
 * How an account got from one identity key to the next (PROTOCOL.md §5.4). A chain is followed only if it starts at the
 * pinned key; everything else is a key change that the person decides about.
 */

type Shown = Pick<PublishedAccount, 'accountId' | 'successions'>

/**
 * The chain from the pinned key to the one shown, in which each key has signed the next. Undefined if there is none, if
 * any part of it is invalid, or if it passes through a key that was abandoned before.
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

/** The valid part of the shown successions that leads to `identityKey`, latest first. */
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
