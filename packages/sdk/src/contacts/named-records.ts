import type { AccountId } from '@sotto/wire'
import { ClientError, mayPass } from '../api/errors.ts'
import { Retrying } from '../scheduling/retrying.ts'
import type { Contacts } from './contacts.ts'

/**
 * Fetches the accounts that messages need, because a message names a newer record than the one here or doesn't open
 * with the known keys. Each version is requested until the server has answered.
 */
export class NamedRecords {
  readonly #contacts: Contacts
  readonly #onError: (error: unknown) => void
  /** The newest record of each account that a message has named. */
  readonly #named = new Map<AccountId, number>()
  /** The accounts that the server hasn't answered about yet. */
  readonly #due = new Set<AccountId>()
  readonly #asking: Retrying

  /** `onError` receives errors that retrying can't fix. */
  constructor(contacts: Contacts, onError: (error: unknown) => void) {
    this.#contacts = contacts
    this.#onError = onError
    this.#asking = new Retrying(() => this.#askForDue(), onError)
  }

  /** A message of this account names this version of its record. */
  named(id: AccountId, version: number): void {
    const known = this.#contacts.get(id)?.recordVersion ?? 0
    if (version <= Math.max(known, this.#named.get(id) ?? 0)) return
    this.#named.set(id, version)
    this.#due.add(id)
    this.#asking.start()
  }

  /** Requests an account now, and retries later if the server can't answer. */
  async ask(id: AccountId): Promise<void> {
    try {
      await this.#askFor(id)
    } catch {
      this.#asking.start()
    }
  }

  start(): void {
    if (this.#due.size > 0) this.#asking.start()
  }

  stop(): void {
    this.#asking.stop()
  }

  async #askForDue(): Promise<void> {
    for (const id of [...this.#due]) await this.#askFor(id)
  }

  /** Throws only errors that may pass; the account then stays due. */
  async #askFor(id: AccountId): Promise<void> {
    const version = this.#named.get(id) ?? 0
    this.#due.add(id)
    try {
      const { recordVersion, changed } = await this.#contacts.fetch(id)
      // The sender has published that version, so the server is withholding it. A record under another key comes later
      // and waits for a decision.
      if (!changed && recordVersion < version) throw new ClientError('untrusted_answer')
    } catch (error) {
      if (mayPass(error)) throw error
      this.#onError(error)
    }
    // A newer one may have been named in the meantime.
    if ((this.#named.get(id) ?? 0) === version) this.#due.delete(id)
  }
}
