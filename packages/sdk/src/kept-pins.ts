import type { Pin } from '@sotto/crypto'
import type { AccountId } from '@sotto/wire'
import { pinsOf } from './contact-pins.ts'
import { loadContacts } from './contacts.ts'
import type { Storage } from './storage.ts'

/** What this device knows of others, for the first `contacts` box of new keys. */
export async function keptPins(storage: Storage, self: AccountId): Promise<Pin[]> {
  const contacts = await loadContacts(storage)
  return pinsOf(contacts.filter(({ accountId }) => accountId !== self))
}
