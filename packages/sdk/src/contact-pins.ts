import type { Pin } from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import { ClientError } from './errors.ts'
import type { ContactRecord, VerifiedAccount } from './stored.ts'

/** What becomes of a contact when something new is seen: decided here, stored by `contacts.ts`. */

/**
 * What a newly verified account makes of what is known; the known one itself when nothing is new.
 * Throws `untrusted_answer` for what is older than what is known.
 */
export function learned(
  known: ContactRecord | undefined,
  verified: VerifiedAccount,
): ContactRecord {
  if (!known) return firstContact(verified)
  if (verified.record.identityKey === known.identityKey) {
    refuseOlder(known, verified)
    return isSame(known, verified) ? known : newerRecord(known, verified)
  }
  if (known.changed?.statement === verified.statement) return known
  // The old pin stays; nothing of the new record is used before somebody decides.
  return { ...known, changed: verified, verified: false, dirty: known.kept }
}

/** What the accepted change makes of a contact: the new key is pinned, the old one opens old messages. */
export function withAcceptedKey(contact: ContactRecord): ContactRecord {
  const { changed, current, identityKey, formerKeys } = contact
  if (!changed) return contact
  const oldKeys = current ? [{ identityKey, ecdhKey: current.record.ecdhKey }] : []
  return {
    ...contact,
    current: {
      ...changed,
      devices: mergedDevices(current, changed),
      pastKeys: [...changed.pastKeys, ...oldKeys, ...(current?.pastKeys ?? [])],
    },
    identityKey: changed.record.identityKey,
    recordVersion: changed.record.version,
    formerKeys: [identityKey, ...formerKeys],
    verified: false,
    changed: null,
    dirty: contact.kept,
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
    hasEndedFormerKeys: false,
    changed: null,
    kept: false,
    dirty: false,
  }
}

function firstContact(verified: VerifiedAccount): ContactRecord {
  const { account, identityKey, version } = verified.record
  return { ...pinOnly(account, identityKey, version), current: verified }
}

function refuseOlder(
  { current, recordVersion }: ContactRecord,
  { record, statement }: VerifiedAccount,
) {
  const isOlder = record.version < recordVersion
  const isRewritten = record.version === current?.record.version && statement !== current.statement
  if (isOlder || isRewritten) throw new ClientError('untrusted_answer')
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
    current: {
      ...verified,
      devices: mergedDevices(known.current, verified),
      pastKeys: mergedPastKeys(known.current, verified),
    },
    recordVersion: version,
    changed: null,
    dirty: known.dirty || (known.kept && version > known.recordVersion),
  }
}

/** A server may leave a device out, so that its messages look forged: what was verified once stays. */
function mergedDevices(known: VerifiedAccount | undefined, shown: VerifiedAccount) {
  const devices = new Map((known?.devices ?? []).map((device) => [device.deviceId, device]))
  for (const device of shown.devices) {
    const before = devices.get(device.deviceId)
    // Revoked once, revoked for good, unless its owner enrolled it anew.
    const isSameKey = before?.deviceKey === device.deviceKey
    const revokedAt = device.revokedAt ?? (isSameKey ? (before?.revokedAt ?? null) : null)
    devices.set(device.deviceId, { ...device, revokedAt })
  }
  return [...devices.values()]
}

function mergedPastKeys(known: VerifiedAccount | undefined, shown: VerifiedAccount) {
  const former =
    known && known.record.ecdhKey !== shown.record.ecdhKey
      ? [{ identityKey: known.record.identityKey, ecdhKey: known.record.ecdhKey }]
      : []
  const all = [...shown.pastKeys, ...former, ...(known?.pastKeys ?? [])]
  return [...new Map(all.map((key) => [`${key.identityKey} ${key.ecdhKey}`, key])).values()]
}

/** What the own devices know about a contact, or undefined when nothing changes. */
export function withPin(
  known: ContactRecord | undefined,
  pin: Pin,
  former: readonly Pin[],
): ContactRecord | undefined {
  const formerKeys = former.map(({ identityKey }) => identityKey)
  const { account, identityKey, recordVersion, verified } = pin
  if (!known) {
    return { ...pinOnly(account, identityKey, recordVersion), verified, formerKeys, kept: true }
  }
  if (formerKeys.includes(known.identityKey)) return followed(known, pin, formerKeys)
  if (known.dirty) return isSuccessor(known, pin) ? undefined : inConflict(known, pin)
  if (known.identityKey !== identityKey) return inConflict(known, pin)
  if (known.verified === verified && known.kept && known.recordVersion >= recordVersion) return
  // A change that waits here was not seen by the other device: it stays unverified.
  return {
    ...known,
    recordVersion: Math.max(known.recordVersion, recordVersion),
    verified: verified && !known.changed,
    kept: true,
  }
}

/** The person accepted a new key on another device. */
function followed(known: ContactRecord, pin: Pin, formerKeys: readonly string[]): ContactRecord {
  const { identityKey, recordVersion, verified } = pin
  const isSeen = known.changed?.record.identityKey === identityKey
  const accepted = isSeen ? withAcceptedKey(known) : { ...known, current: undefined, changed: null }
  return { ...accepted, identityKey, recordVersion, verified, formerKeys, kept: true, dirty: false }
}

/** Whether what is here goes on from the pin, so that the next version of the box is made from it. */
function isSuccessor({ identityKey, formerKeys }: ContactRecord, pin: Pin): boolean {
  return identityKey === pin.identityKey || formerKeys.includes(pin.identityKey)
}

/** Two own devices met this contact for the first time, and the server showed each another key. */
function inConflict(known: ContactRecord, { identityKey, recordVersion }: Pin): ContactRecord {
  return {
    ...known,
    identityKey,
    recordVersion,
    verified: false,
    current: undefined,
    changed: known.changed ?? known.current ?? null,
    dirty: false,
  }
}
