import type { AccountId } from '@sotto/wire'
import type { ContactRecord } from '../../storage/records/contacts.ts'
import { type Contacts, shownNameOf } from '../contacts.ts'

interface LookAlikesDependencies {
  readonly contacts: Contacts
  readonly me: () => AccountId
  /** The name has gained or lost a look-alike. */
  readonly onChange: (id: AccountId) => void
}

type LooksOf = (name: string) => readonly string[]

/**
 * Finds contacts whose names could be mistaken for one another. This is decided only on the device: no server learns of
 * it or can influence it.
 */
export class LookAlikes {
  readonly #deps: LookAlikesDependencies
  /** The accounts for each look, and the looks under which each account is listed. */
  readonly #byLook = new Map<string, Set<AccountId>>()
  readonly #looks = new Map<AccountId, readonly string[]>()
  #looksOf: LooksOf | undefined
  #loading: Promise<void> | undefined

  constructor(deps: LookAlikesDependencies) {
    this.#deps = deps
  }

  /** Loads the table once there are two people who could be mistaken for one another. */
  start(): void {
    const [, , third] = this.#deps.contacts.all()
    // One of the three is our own account.
    if (third !== undefined) this.#loading ??= this.#load()
  }

  /** A contact was added or renamed, or its pin or verification changed. */
  contactChanged(id: AccountId): void {
    if (!this.#looksOf) {
      this.start()
      return
    }
    const before = this.#alike(id)
    this.#place(id)
    for (const other of new Set([...before, ...this.#alike(id)])) this.#deps.onChange(other)
  }

  /** The name of a known person that this contact could be mistaken for; null until the table is loaded. */
  of(contact: ContactRecord): string | null {
    if (contact.verified && !contact.changed) return null
    for (const id of this.#alike(contact.accountId)) {
      const other = this.#deps.contacts.get(id)
      if (other?.kept && !isKnownLonger(contact, other)) return shownNameOf(other) ?? null
    }
    return null
  }

  /** Without the table nothing is reported; the next change of a contact tries to load it again. */
  async #load(): Promise<void> {
    try {
      const { looksOf } = await import('./skeleton.ts')
      this.#looksOf = looksOf
    } catch {
      this.#loading = undefined
      return
    }
    const ids = [...this.#deps.contacts.all()].map(({ accountId }) => accountId)
    for (const id of ids) this.#place(id)
    for (const id of ids) if (this.#alike(id).length > 0) this.#deps.onChange(id)
  }

  #place(id: AccountId): void {
    for (const look of this.#looks.get(id) ?? []) this.#byLook.get(look)?.delete(id)
    const contact = id === this.#deps.me() ? undefined : this.#deps.contacts.get(id)
    const name = contact && shownNameOf(contact)
    const looks = name === undefined ? [] : (this.#looksOf?.(name) ?? [])
    this.#looks.set(id, looks)
    for (const look of looks) {
      this.#byLook.set(look, (this.#byLook.get(look) ?? new Set()).add(id))
    }
  }

  #alike(id: AccountId): AccountId[] {
    const looks = this.#looks.get(id) ?? []
    const all = looks.flatMap((look) => [...(this.#byLook.get(look) ?? [])])
    return [...new Set(all)].filter((other) => other !== id)
  }
}

/** Whether a contact has had this name for longer than the other one; then the other is the look-alike. */
function isKnownLonger(contact: ContactRecord, other: ContactRecord): boolean {
  return contact.kept && (contact.namedAt ?? 0) < (other.namedAt ?? 0)
}
