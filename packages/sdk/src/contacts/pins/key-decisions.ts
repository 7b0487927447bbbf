import type { FormerKey } from '@sotto/crypto'
import { withEarlier } from '../../published/published-keys.ts'
import type { ContactRecord } from '../../storage/records/contacts.ts'
import type { VerifiedAccount } from '../../storage/verified-account.ts'
import { decidedAt, withFormerKey } from './former-keys.ts'

/** Whether a key waits to be pinned that the pinned one has signed. */
export function isSignedSuccessor(contact: Pick<ContactRecord, 'changed'> | undefined): boolean {
  return contact?.changed?.succeeds !== undefined
}

/** Whether the server shows a key that the pinned one hasn't signed, so that the person has to decide. */
export function isInDoubt({ changed }: Pick<ContactRecord, 'changed'>): boolean {
  return changed !== null && !changed.succeeds
}

/**
 * The contact after the person has accepted its new key at `now`: the new key is pinned, and the old one is valid up to
 * `ends`, the current end of each log.
 */
export function withAcceptedKey(
  contact: ContactRecord,
  ends: FormerKey['ends'],
  now: number,
): ContactRecord {
  const { changed, identityKey, formerKeys } = contact
  if (!changed) return contact
  const pinned = changed.record.identityKey
  const former = { identityKey, replacedAt: decidedAt(now, formerKeys), ends }
  return {
    ...contact,
    ...pinnedTo(contact, changed),
    formerKeys: withFormerKey(pinned, former, formerKeys),
    verified: false,
    ...undecided(contact),
  }
}

/**
 * The contact under the key that the pinned one has signed. The person isn't asked, and a verified contact stays
 * verified, because the holder of the pinned key has confirmed the new one. The pinned key and any in between are valid
 * up to `ends`, like former keys that the person has replaced.
 */
export function withSuccessor(
  contact: ContactRecord,
  ends: FormerKey['ends'],
  now: number,
): ContactRecord {
  const { changed, identityKey, kept, dirty } = contact
  if (!changed?.succeeds) return contact
  const pinned = changed.record.identityKey
  // Earliest first: each is put before the others, so the latest ends up first.
  const givenUp = [identityKey, ...changed.succeeds.through.toReversed()]
  const formerKeys = givenUp.reduce<readonly FormerKey[]>((earlier, key) => {
    const replacedAt = decidedAt(now, earlier)
    return withFormerKey(pinned, { identityKey: key, replacedAt, ends, renewed: true }, earlier)
  }, contact.formerKeys)
  return { ...contact, ...pinnedTo(contact, changed), formerKeys, dirty: dirty || kept }
}

/** The contact is no longer verified, which our other devices have to learn. */
export function undecided({ kept }: ContactRecord) {
  return { dirty: kept, isDecidedHere: kept }
}

/** The new key instead of the old one. The devices and `ecdh` keys seen under the old one stay known. */
export function pinnedTo({ current }: ContactRecord, { succeeds: _, ...changed }: VerifiedAccount) {
  return {
    current: withEarlier(current, changed),
    identityKey: changed.record.identityKey,
    recordVersion: changed.record.version,
    changed: null,
    changedAt: null,
  }
}
