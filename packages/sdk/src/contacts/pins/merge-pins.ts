import type { Pin } from '@sotto/crypto'
import type { ContactRecord } from '../../storage/records/contacts.ts'
import { pinOnly } from './contact-pins.ts'
import {
  areSameFormerKeys,
  CONTACT_LIMITS,
  type FormerKeyLimits,
  mergedFormerKeys,
  OWN_LIMITS,
} from './former-keys.ts'
import { isInDoubt, pinnedTo } from './key-decisions.ts'

/**
 * Merges a contact with its entry in the `contacts` box, which our other devices have written, by the rules of
 * PROTOCOL.md §4.5. Undefined if nothing changes. `now` is this device's time.
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
  // The person may have returned to a former key, so the later decision counts.
  if (there && !(here && here.replacedAt > there.replacedAt)) return followed(known, pin)
  if (here) return decidedHere(known, pin)
  return inConflict(known, pin, now)
}

/** Our account is in the box only for its former keys. An entry with another identity key isn't ours. */
export function withOwnPin(known: ContactRecord, pin: Pin): ContactRecord | undefined {
  return known.identityKey === pin.identityKey ? agreed(known, pin, OWN_LIMITS) : undefined
}

/** Both have the same key. A decision made here that isn't in the box yet takes precedence. */
function agreed(
  known: ContactRecord,
  pin: Pin,
  limits: FormerKeyLimits = CONTACT_LIMITS,
): ContactRecord | undefined {
  const formerKeys = mergedFormerKeys(known.identityKey, pin.former, known.formerKeys, limits)
  const recordVersion = Math.max(known.recordVersion, pin.recordVersion)
  // The other device hasn't seen the change that waits here, so the contact stays unverified.
  const verified = known.isDecidedHere ? known.verified : pin.verified && !isInDoubt(known)
  const said = { ...known, formerKeys, recordVersion, verified, kept: true }
  // The box may already have everything, for instance if the answer to our last write got lost.
  const isWritten = isPinned(said, pin)
  const next = {
    ...said,
    dirty: (known.dirty && !isWritten) || knowsMore(said, pin),
    ...(isWritten && { isDecidedHere: false }),
  }
  return JSON.stringify(next) === JSON.stringify(known) ? undefined : next
}

/** Whether the box has everything that is known here. */
function isPinned(known: ContactRecord, pin: Pin): boolean {
  return known.verified === pin.verified && !knowsMore(known, pin)
}

/** Whether a merged contact has a later record version or former keys that the box lacks. */
function knowsMore({ recordVersion, formerKeys }: ContactRecord, pin: Pin): boolean {
  return recordVersion > pin.recordVersion || !areSameFormerKeys(formerKeys, pin.former)
}

/** The box's key instead of the one here, with the data seen here under the box's key. */
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

/** The person accepted a new key here, and the box doesn't have it yet. */
function decidedHere(known: ContactRecord, { former }: Pin): ContactRecord | undefined {
  const formerKeys = mergedFormerKeys(known.identityKey, former, known.formerKeys)
  const isKnown = areSameFormerKeys(formerKeys, known.formerKeys)
  return isKnown && known.dirty ? undefined : { ...known, formerKeys, dirty: true }
}

/** Two of our devices fetched this contact for the first time, and the server showed each a different key. */
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
