import type { FormerKey, Pin } from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import { ClientError } from '../../api/errors.ts'
import { mergedDevices, withEarlier } from '../../published/published-keys.ts'
import type { ContactRecord } from '../../storage/records/contacts.ts'
import type { VerifiedAccount } from '../../storage/verified-account.ts'
import {
  areSameFormerKeys,
  CONTACT_LIMITS,
  decidedAt,
  type FormerKeyLimits,
  mergedFormerKeys,
  OWN_LIMITS,
  withFormerKey,
} from './former-keys.ts'

/** What becomes of a contact when something new is seen: decided here, stored by `contacts.ts`. */

/**
 * What a newly verified account makes of what is known; the known one itself when nothing is new.
 * `now` is this device's time. Throws `untrusted_answer` for an older record than the known one, and for one
 * under a key that has signed for another.
 */
export function learned(
  known: ContactRecord | undefined,
  verified: VerifiedAccount,
  now: number,
): ContactRecord {
  if (!known) return firstContact(verified)
  if (hasSignedForNext(known, verified)) throw new ClientError('untrusted_answer')
  if (verified.record.identityKey === known.identityKey) {
    if (isOlder(known, verified)) throw new ClientError('untrusted_answer')
    return isSame(known, verified) ? known : newerRecord(known, verified)
  }
  const isKnown = known.changed?.statement === verified.statement
  if (isKnown && (known.changed?.succeeds || !verified.succeeds)) return known
  return withWaiting(known, verified, now)
}

/**
 * The old pin stays. Nothing of the new record is used before the person decides, or before the logs are read
 * where the pinned key has signed for it.
 */
function withWaiting(known: ContactRecord, shown: VerifiedAccount, now: number): ContactRecord {
  if (isBeforeWaiting(known, shown)) throw new ClientError('untrusted_answer')
  const isAnother = known.changed?.record.identityKey !== shown.record.identityKey
  const succeeds = shown.succeeds ?? (isAnother ? undefined : known.changed?.succeeds)
  const latest = isAnother ? shown : withEarlier(known.changed, shown)
  const changed = succeeds ? { ...latest, succeeds } : latest
  const changedAt = isAnother ? now : known.changedAt
  if (succeeds) return { ...known, changed, changedAt }
  return { ...known, changed, changedAt, verified: false, ...undecided(known) }
}

/**
 * Whether an answer shows a key after that key has signed for another one, or an unsigned one in the place of
 * that: a server that was wound back, or a lie.
 */
function hasSignedForNext(known: ContactRecord, { record }: VerifiedAccount): boolean {
  const { changed, formerKeys } = known
  const isFormer = ({ identityKey, renewed }: FormerKey) =>
    renewed === true && identityKey === record.identityKey
  const isBesideNext =
    changed?.succeeds !== undefined && changed.record.identityKey !== record.identityKey
  return isBesideNext || formerKeys.some(isFormer)
}

/** Whether a key waits to be pinned for which the pinned one has signed. */
export function isSignedSuccessor(contact: Pick<ContactRecord, 'changed'> | undefined): boolean {
  return contact?.changed?.succeeds !== undefined
}

/** Whether a key is shown for which the pinned one has not signed: the person has to decide. */
export function isInDoubt({ changed }: Pick<ContactRecord, 'changed'>): boolean {
  return changed !== null && !changed.succeeds
}

/** `verified` was taken back here: the other devices have to learn that. */
function undecided({ kept }: ContactRecord) {
  return { dirty: kept, isDecidedHere: kept }
}

/** Whether a record is older than the one that is known under the same key, or rewrites it. */
function isOlder(
  { identityKey, current, recordVersion }: ContactRecord,
  { record, statement }: VerifiedAccount,
): boolean {
  if (record.identityKey !== identityKey) return false
  const isRewritten =
    current?.record.identityKey === identityKey &&
    record.version === current.record.version &&
    statement !== current.statement
  return record.version < recordVersion || isRewritten
}

/** Whether a record is older than the one under the same key that waits for a decision, or rewrites it. */
function isBeforeWaiting(
  { changed }: ContactRecord,
  { record, statement }: VerifiedAccount,
): boolean {
  if (changed?.record.identityKey !== record.identityKey) return false
  return record.version <= changed.record.version && statement !== changed.statement
}

/**
 * Whether an answer that may be late is out of date: it has an older record, a key that was given up
 * since, or the pinned key although another one has been seen.
 */
export function isPast(known: ContactRecord, verified: VerifiedAccount): boolean {
  const { changed, formerKeys } = known
  const { identityKey, version } = verified.record
  const isGivenUp = formerKeys.some((former) => former.identityKey === identityKey)
  const isBeforeChange =
    changed !== null &&
    (identityKey === known.identityKey ||
      (identityKey === changed.record.identityKey && version < changed.record.version))
  return isGivenUp || isBeforeChange || isOlder(known, verified)
}

/**
 * The contact after the person accepted its new key, `now`. The new key is pinned, and the old one counts
 * up to `ends`, the current end of each log.
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
 * The contact under the key for which the pinned one has signed. The person is not asked, and what they have
 * compared stays compared: whoever held the pinned key has said so. That key, and those between, count up to
 * `ends` as accepted ones do.
 */
export function withSuccessor(
  contact: ContactRecord,
  ends: FormerKey['ends'],
  now: number,
): ContactRecord {
  const { changed, identityKey, kept, dirty } = contact
  if (!changed?.succeeds) return contact
  const pinned = changed.record.identityKey
  // From the earliest on, so that the latest is the first.
  const givenUp = [identityKey, ...changed.succeeds.through.toReversed()]
  const formerKeys = givenUp.reduce<readonly FormerKey[]>((earlier, key) => {
    const replacedAt = decidedAt(now, earlier)
    return withFormerKey(pinned, { identityKey: key, replacedAt, ends, renewed: true }, earlier)
  }, contact.formerKeys)
  return { ...contact, ...pinnedTo(contact, changed), formerKeys, dirty: dirty || kept }
}

/** The new key in the place of the old one, whose devices and `ecdh` keys stay known. */
function pinnedTo({ current }: ContactRecord, { succeeds: _, ...changed }: VerifiedAccount) {
  return {
    current: withEarlier(current, changed),
    identityKey: changed.record.identityKey,
    recordVersion: changed.record.version,
    changed: null,
    changedAt: null,
  }
}

/** A contact of whom only the pin is known. */
export function pinOnly(
  accountId: AccountId,
  identityKey: string,
  recordVersion: number,
): ContactRecord {
  return {
    accountId,
    current: undefined,
    identityKey,
    recordVersion,
    verified: false,
    formerKeys: [],
    changed: null,
    changedAt: null,
    kept: false,
    dirty: false,
  }
}

/** What the `contacts` box says about these contacts. */
export function pinsOf(contacts: readonly ContactRecord[]): Pin[] {
  return contacts
    .filter(({ kept }) => kept)
    .map(({ accountId, identityKey, recordVersion, verified, formerKeys }) => ({
      account: accountId,
      identityKey,
      recordVersion,
      verified,
      former: [...formerKeys],
    }))
}

function firstContact(verified: VerifiedAccount): ContactRecord {
  const { account, identityKey, version } = verified.record
  return { ...pinOnly(account, identityKey, version), current: verified }
}

function isSame({ current, changed }: ContactRecord, verified: VerifiedAccount): boolean {
  if (changed || current?.statement !== verified.statement) return false
  const devices = mergedDevices(current, verified)
  return JSON.stringify(devices) === JSON.stringify(current.devices)
}

function newerRecord(known: ContactRecord, verified: VerifiedAccount): ContactRecord {
  const { version } = verified.record
  return {
    ...known,
    ...pinnedTo(known, verified),
    dirty: known.dirty || (known.kept && version > known.recordVersion),
  }
}

/**
 * Merges what the own devices know about a contact; undefined if nothing changes. The rules are those of
 * PROTOCOL.md §4.5. `now` is this device's time.
 */
export function withPin(
  known: ContactRecord | undefined,
  pin: Pin,
  now: number,
): ContactRecord | undefined {
  const { account, identityKey, recordVersion, verified, former } = pin
  if (!known) {
    const fresh = pinOnly(account, identityKey, recordVersion)
    return { ...fresh, verified, formerKeys: former, kept: true }
  }
  if (known.identityKey === identityKey) return agreed(known, pin)
  const there = former.find((key) => key.identityKey === known.identityKey)
  const here = known.formerKeys.find((key) => key.identityKey === identityKey)
  // The person may have gone back to a key: the later decision counts.
  if (there && !(here && here.replacedAt > there.replacedAt)) return followed(known, pin)
  if (here) return decidedHere(known, pin)
  return inConflict(known, pin, now)
}

/** The own account is in the box for its former keys alone. Another key in it is none of this account. */
export function withOwnPin(known: ContactRecord, pin: Pin): ContactRecord | undefined {
  return known.identityKey === pin.identityKey ? agreed(known, pin, OWN_LIMITS) : undefined
}

/** Both have the same key. A decision made here that is not in the box yet takes precedence. */
function agreed(
  known: ContactRecord,
  pin: Pin,
  limits: FormerKeyLimits = CONTACT_LIMITS,
): ContactRecord | undefined {
  const formerKeys = mergedFormerKeys(known.identityKey, pin.former, known.formerKeys, limits)
  const recordVersion = Math.max(known.recordVersion, pin.recordVersion)
  // A change that waits here was not seen by the other device: it stays unverified.
  const verified = known.isDecidedHere ? known.verified : pin.verified && !isInDoubt(known)
  const said = { ...known, formerKeys, recordVersion, verified, kept: true }
  // Nothing is left to be written where the box says it already, perhaps because an answer got lost.
  const isWritten = isPinned(said, pin)
  const next = {
    ...said,
    dirty: (known.dirty && !isWritten) || knowsMore(said, pin),
    ...(isWritten && { isDecidedHere: false }),
  }
  return JSON.stringify(next) === JSON.stringify(known) ? undefined : next
}

/** Whether the box says all that is known here. */
function isPinned(known: ContactRecord, pin: Pin): boolean {
  return known.verified === pin.verified && !knowsMore(known, pin)
}

/** Whether a contact that was merged with the box has versions or former keys that the box lacks. */
function knowsMore({ recordVersion, formerKeys }: ContactRecord, pin: Pin): boolean {
  return recordVersion > pin.recordVersion || !areSameFormerKeys(formerKeys, pin.former)
}

/** The box's key in the place of the one here, with what was seen here under that key. */
function pinnedByBox(known: ContactRecord, { identityKey, recordVersion }: Pin) {
  const { changed } = known
  if (changed?.record.identityKey !== identityKey) return { identityKey, recordVersion }
  const seen = pinnedTo(known, changed)
  return { ...seen, recordVersion: Math.max(seen.recordVersion, recordVersion) }
}

/** The person accepted a new key on another device. */
function followed(known: ContactRecord, pin: Pin): ContactRecord {
  const { identityKey, verified } = pin
  const next = {
    ...known,
    changed: null,
    changedAt: null,
    ...pinnedByBox(known, pin),
    verified,
    formerKeys: mergedFormerKeys(identityKey, pin.former, known.formerKeys),
    kept: true,
    isDecidedHere: false,
  }
  return { ...next, dirty: knowsMore(next, pin) }
}

/** The person accepted a new key here, and the box does not have that yet. */
function decidedHere(known: ContactRecord, { former }: Pin): ContactRecord | undefined {
  const formerKeys = mergedFormerKeys(known.identityKey, former, known.formerKeys)
  const isKnown = areSameFormerKeys(formerKeys, known.formerKeys)
  return isKnown && known.dirty ? undefined : { ...known, formerKeys, dirty: true }
}

/** Two own devices met this contact for the first time, and the server showed each another key. */
function inConflict(known: ContactRecord, pin: Pin, now: number): ContactRecord {
  const { identityKey, former } = pin
  const others = [known.changed, known.current].filter(
    (shown) => shown && shown.record.identityKey !== identityKey,
  )
  const next = {
    ...known,
    current: undefined,
    ...pinnedByBox(known, pin),
    verified: false,
    formerKeys: mergedFormerKeys(identityKey, former, known.formerKeys),
    changed: others[0] ?? null,
    changedAt: known.changedAt ?? now,
    kept: true,
    isDecidedHere: false,
  }
  return { ...next, dirty: knowsMore(next, pin) }
}
