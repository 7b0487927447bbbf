import type { Pin } from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import type { ContactRecord } from '../../storage/records/contacts.ts'
import { CONTACTS } from '../../storage/records/contacts.ts'
import { startingWith } from '../../storage/storage.ts'
import type { Store } from '../../storage/store.ts'
import { pinsOf } from './contact-pins.ts'

/** This device's knowledge of other people, for the first `contacts` box of new keys. */
export async function keptPins(storage: Store, self: AccountId): Promise<Pin[]> {
  const contacts = await loadContacts(storage)
  return pinsOf(contacts.filter(({ accountId }) => accountId !== self))
}

/** Every stored contact, including our account. */
export async function loadContacts(storage: Store): Promise<ContactRecord[]> {
  const entries = await storage.range(CONTACTS, startingWith(''))
  return entries.map(({ value }) => value)
}
