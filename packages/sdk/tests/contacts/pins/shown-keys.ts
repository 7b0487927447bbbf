import type { FormerKey, Pin } from '@sotto/crypto'
import { AccountId, ConversationId } from '@sotto/wire'
import { withAcceptedKey as withAcceptedKeyAt } from '../../../src/contacts/pins/key-decisions.ts'
import { learned as learnedAt } from '../../../src/contacts/pins/learn-account.ts'
import { withPin as withPinAt } from '../../../src/contacts/pins/merge-pins.ts'
import type { ContactRecord } from '../../../src/storage/records/contacts.ts'
import type { VerifiedAccount } from '../../../src/storage/verified-account.ts'

/** A contact's account as a server shows it, and its entries in the `contacts` box. The time is 7 unless given. */

export const account = AccountId.parse(crypto.randomUUID())

export const conversation = ConversationId.parse(crypto.randomUUID())

export const other = ConversationId.parse(crypto.randomUUID())

export const learned = (known: ContactRecord | undefined, verified: VerifiedAccount, now = 7) =>
  learnedAt(known, verified, now)

export const withPin = (known: ContactRecord | undefined, pin: Pin, now = 7) =>
  withPinAt(known, pin, now)

export const withAcceptedKey = (contact: ContactRecord, ends: FormerKey['ends'], now = 7) =>
  withAcceptedKeyAt(contact, ends, now)

export const former = (identityKey: string, ends: FormerKey['ends'] = []): FormerKey => ({
  identityKey,
  replacedAt: 7,
  ends,
})

export function shown(identityKey: string, version: number, more = {}): VerifiedAccount {
  const record = {
    account,
    version,
    name: 'bob',
    pictureSha256: null,
    identityKey,
    ecdhKey: `ecdh of ${identityKey}`,
    rsaKey: null,
    revoked: [],
    issuedAt: 0,
    ...more,
  }
  const statement = JSON.stringify(record)
  return { record, statement, picture: null, devices: [], pastKeys: [] }
}

/** The box's entry for a contact after a write. */
export const written = ({
  identityKey,
  recordVersion,
  verified,
  formerKeys,
}: ContactRecord): Pin => ({
  account,
  identityKey,
  recordVersion,
  verified,
  former: [...formerKeys],
})

export const pin = (identityKey: string, more: Partial<Pin> = {}): Pin => ({
  account,
  identityKey,
  recordVersion: 1,
  verified: false,
  former: [],
  ...more,
})
