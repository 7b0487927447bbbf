import type { Pin } from '@sotto/crypto'
import { type AccountId, chatRequests, type PublishedAccount } from '@sotto/wire'
import type { ContactView } from './api.ts'
import { ClientError } from './errors.ts'
import type { Call } from './http.ts'
import { pictureUrl } from './pictures.ts'
import { createSerialBy } from './serial.ts'
import { type Change, type Storage, startingWith } from './storage.ts'
import { type ContactRecord, contactAt, put, type VerifiedAccount } from './stored.ts'
import { verifyAccount } from './verify-account.ts'

/** The other people: what they published, under the identity key that is pinned for each. */
export interface Contacts {
  get(id: AccountId): ContactRecord | undefined
  all(): Iterable<ContactRecord>
  /**
   * Takes what the server answered. Pins at first contact; a different identity key becomes a change
   * that waits for a decision. Throws `untrusted_answer` for what is forged or older than what is known.
   */
  learn(published: PublishedAccount): Promise<ContactRecord>
  /** Asks the server, also when the contact is known. */
  fetch(id: AccountId): Promise<ContactRecord>
  /** The contact with what it published; asks the server only when that is not here. */
  ensure(id: AccountId): Promise<ContactRecord>
  /** Stores `changes` and takes them over. */
  update(
    id: AccountId,
    changes: Partial<Omit<ContactRecord, 'accountId'>>,
    more?: readonly Change[],
  ): Promise<ContactRecord>
  /** Takes over what the `contacts` box of this account says. */
  adoptPins(pins: readonly Pin[]): Promise<void>
}

export interface ContactsDependencies {
  readonly storage: Storage
  readonly call: Call
  readonly changed: (id: AccountId) => void
  /** The server shows an identity key that is not the pinned one. */
  readonly keyChanged: (id: AccountId) => Promise<void>
}

export async function openContactBook(deps: ContactsDependencies): Promise<Contacts> {
  const { storage, call } = deps
  const contacts = new Map<AccountId, ContactRecord>()
  const inTurn = createSerialBy<AccountId>()
  for (const { value } of await storage.range('contacts', startingWith(''))) {
    const contact = value as ContactRecord
    contacts.set(contact.accountId, contact)
  }

  const save = async (contact: ContactRecord, more: readonly Change[] = []) => {
    await storage.write([put(contactAt(contact.accountId), contact), ...more])
    contacts.set(contact.accountId, contact)
    deps.changed(contact.accountId)
    return contact
  }

  const learn = (published: PublishedAccount) =>
    inTurn(published.accountId, async () => {
      const known = contacts.get(published.accountId)
      const accepted = known ? [known.identityKey, ...known.formerKeys] : []
      const verified = await verifyAccount(published, published.accountId, accepted)
      if (!known) return save(firstContact(verified))
      if (verified.record.identityKey === known.identityKey) {
        refuseOlder(known, verified)
        if (isSame(known, verified)) return known
        return save(newerRecord(known, verified))
      }
      if (known.changed?.statement === verified.statement) return known
      // The old pin stays; nothing of the new record is used before somebody decides.
      const saved = await save({ ...known, changed: verified, verified: false, dirty: known.kept })
      await deps.keyChanged(known.accountId)
      return saved
    })

  const fetch = async (id: AccountId) => {
    const published = await call(chatRequests.getUser, { params: { accountId: id } })
    if (published.accountId !== id) throw new ClientError('untrusted_answer')
    return learn(published)
  }

  return {
    get: (id) => contacts.get(id),
    all: () => contacts.values(),
    learn,
    fetch,
    ensure: async (id) => {
      const known = contacts.get(id)
      return known?.current ? known : fetch(id)
    },
    update: (id, changes, more) =>
      inTurn(id, async () => {
        const known = contacts.get(id)
        if (!known) throw new ClientError('account_not_found')
        return save({ ...known, ...changes }, more)
      }),
    adoptPins: async (pins) => {
      for (const [id, [pin, ...former]] of Map.groupBy(pins, ({ account }) => account)) {
        if (!pin) continue
        await inTurn(id, async () => {
          const adopted = withPin(contacts.get(id), pin, former)
          if (adopted) await save(adopted)
        })
      }
    },
  }
}

/** A contact as the app shows it, or undefined while nothing of it is here but the pin. */
export function contactView(contact: ContactRecord): ContactView | undefined {
  if (!contact.current) return undefined
  const { record, picture } = contact.current
  return {
    accountId: contact.accountId,
    name: record.name,
    picture: pictureUrl(picture),
    hasRsaKey: record.rsaKey !== null,
    trust: trustOf(contact),
  }
}

export function trustOf(contact: ContactRecord): ContactView['trust'] {
  if (contact.changed) return 'key_changed'
  return contact.verified ? 'verified' : 'unverified'
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

function firstContact(verified: VerifiedAccount): ContactRecord {
  const { account, identityKey, version } = verified.record
  return {
    accountId: account,
    current: verified,
    identityKey,
    recordVersion: version,
    verified: false,
    formerKeys: [],
    changed: null,
    kept: false,
    dirty: false,
  }
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
function withPin(
  known: ContactRecord | undefined,
  pin: Pin,
  former: readonly Pin[],
): ContactRecord | undefined {
  if (known?.dirty) return undefined // the next version of the box is made from what is here
  const formerKeys = former.map(({ identityKey }) => identityKey)
  const { account: accountId, identityKey, recordVersion, verified } = pin
  const fresh = { accountId, identityKey, recordVersion, verified, formerKeys }
  if (!known) return { ...fresh, current: undefined, changed: null, kept: true, dirty: false }
  if (known.identityKey === identityKey) {
    if (known.verified === verified && known.kept && known.recordVersion >= recordVersion) return
    // A change that waits here was not seen by the other device: it stays unverified.
    const isVerified = verified && !known.changed
    const version = Math.max(known.recordVersion, recordVersion)
    return { ...known, recordVersion: version, verified: isVerified, kept: true }
  }
  // The person accepted the change on another device.
  const accepted = known.changed?.record.identityKey === identityKey && withAcceptedKey(known)
  if (accepted) return { ...accepted, verified, kept: true, dirty: false }
  return { ...known, ...fresh, current: undefined, changed: null, kept: true, dirty: false }
}
