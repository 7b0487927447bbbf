import type { AccountId } from '@sotto/wire'
import { codeOf, mayPass } from '../api/errors.ts'
import { Timers } from '../scheduling/timers.ts'
import type { Contacts } from './contacts.ts'

const AGAIN_AFTER_MS = 2_000

/**
 * The contacts whose keys have been checked on the current connection. An offline device doesn't learn that a contact's
 * key has changed, and a message to an abandoned key is read by nobody, or by the wrong person. So the device asks
 * before it sends a contact the first message on a connection.
 */
export class FreshContacts {
  readonly #contacts: Contacts
  readonly #onFresh: () => void
  readonly #onError: (error: unknown) => void
  readonly #fresh = new Set<AccountId>()
  readonly #looking = new Set<AccountId>()
  readonly #timers = new Timers()

  /** `onFresh` is called when a contact has become fresh. */
  constructor(contacts: Contacts, onFresh: () => void, onError: (error: unknown) => void) {
    this.#contacts = contacts
    this.#onFresh = onFresh
    this.#onError = onError
  }

  has(id: AccountId): boolean {
    if (this.#fresh.has(id)) return true
    if (!this.#looking.has(id)) void this.#look(id)
    return false
  }

  clear(): void {
    this.#fresh.clear()
    this.#looking.clear()
    this.#timers.clear()
  }

  async #look(id: AccountId): Promise<void> {
    this.#looking.add(id)
    try {
      await this.#contacts.fetch(id)
    } catch (error) {
      if (mayPass(error)) {
        this.#timers.after(AGAIN_AFTER_MS, () => void this.#look(id))
        return
      }
      // The server's current answer is invalid, but the pinned keys are still right, and they are used. If the account
      // was removed, the answer to the message says so.
      if (codeOf(error) !== 'account_not_found') this.#onError(error)
    }
    this.#looking.delete(id)
    this.#fresh.add(id)
    this.#onFresh()
  }
}
