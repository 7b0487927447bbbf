import type { Pin } from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import { type Storage, startingWith } from '../../storage/storage.ts'
import type { ContactRecord } from '../../storage/stored.ts'
import { pinsOf } from './contact-pins.ts'

/** What this device knows of others, for the first `contacts` box of new keys. */
export async function keptPins(storage: Storage, self: AccountId): Promise<Pin[]> {
  const contacts = await loadContacts(storage)
  return pinsOf(contacts.filter(({ accountId }) => accountId !== self))
}

/** Every contact in storage, including the own account. */
export async function loadContacts(storage: Storage): Promise<ContactRecord[]> {
  const entries = await storage.range('contacts', startingWith(''))
  return entries.map(({ value }) => value as ContactRecord)
}
