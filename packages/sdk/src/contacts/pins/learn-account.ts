import type { FormerKey } from '@sotto/crypto'
import { ClientError } from '../../api/errors.ts'
import { mergedDevices, withEarlier } from '../../published/published-keys.ts'
import type { ContactRecord } from '../../storage/records/contacts.ts'
import type { VerifiedAccount } from '../../storage/verified-account.ts'
import { pinOnly } from './contact-pins.ts'
import { pinnedTo, undecided } from './key-decisions.ts'

/**
 * The contact after its account was fetched and verified, or `known` itself if nothing is new. `now` is this device's
 * time. Throws `untrusted_answer` if the record is older than the known one, or is under a key that has signed another
 * one since.
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
 * The contact with a changed key that waits. The pin stays, and nothing of the new record is used: not before the
 * person decides or, if the pinned key has signed the new one, not before the logs are read to their end.
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

function firstContact(verified: VerifiedAccount): ContactRecord {
  const { account, identityKey, version } = verified.record
  return { ...pinOnly(account, identityKey, version), current: verified }
}

function newerRecord(known: ContactRecord, verified: VerifiedAccount): ContactRecord {
  const { version } = verified.record
  return {
    ...known,
    ...pinnedTo(known, verified),
    dirty: known.dirty || (known.kept && version > known.recordVersion),
  }
}

function isSame({ current, changed }: ContactRecord, verified: VerifiedAccount): boolean {
  if (changed || current?.statement !== verified.statement) return false
  const devices = mergedDevices(current, verified)
  return JSON.stringify(devices) === JSON.stringify(current.devices)
}

/**
 * Whether the answer shows a key that has signed another one before, or, while a signed key waits, yet another key.
 * Either the server was restored from a backup, or it lies.
 */
function hasSignedForNext(known: ContactRecord, { record }: VerifiedAccount): boolean {
  const { changed, formerKeys } = known
  const isFormer = ({ identityKey, renewed }: FormerKey) =>
    renewed === true && identityKey === record.identityKey
  const isBesideNext =
    changed?.succeeds !== undefined && changed.record.identityKey !== record.identityKey
  return isBesideNext || formerKeys.some(isFormer)
}

/** Whether a record is older than the known one under the same key, or has its version with other content. */
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

/** The same for the key that waits. */
function isBeforeWaiting(
  { changed }: ContactRecord,
  { record, statement }: VerifiedAccount,
): boolean {
  if (changed?.record.identityKey !== record.identityKey) return false
  return record.version <= changed.record.version && statement !== changed.statement
}

/**
 * Whether an answer that may be late is out of date: it has an older record, a former key, or the pinned key although
 * another one was shown later.
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
