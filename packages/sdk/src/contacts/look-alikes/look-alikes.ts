import type { AccountId } from '@sotto/wire'
import type { ContactRecord } from '../../storage/records/contacts.ts'
import { type Contacts, shownNameOf } from '../contacts.ts'

interface Dependencies {
  readonly contacts: Contacts
  readonly me: () => AccountId
  /** Another name is alike now, or no longer. */
  readonly changed: (id: AccountId) => void
}

type LooksOf = (name: string) => readonly string[]

/**
 * Who can be taken for whom among the people of this account. Decided here and nowhere else: no server
 * learns of it, and none can decide it.
 */
export class LookAlikes {
  readonly #deps: Dependencies
  /** The accounts of each look, and the looks under which each stands there. */
  readonly #byLook = new Map<string, Set<AccountId>>()
  readonly #looks = new Map<AccountId, readonly string[]>()
  #looksOf: LooksOf | undefined
  #loading: Promise<void> | undefined

  constructor(deps: Dependencies) {
    this.#deps = deps
  }

  /** Reads the table once there are two people who could be taken for one another. */
  start(): void {
    const [, , third] = this.#deps.contacts.all()
    // One of three is the own account.
    if (third !== undefined) this.#loading ??= this.#load()
  }

  /** Somebody is new here, is called something else, or is known better or less well than before. */
  contactChanged(id: AccountId): void {
    if (!this.#looksOf) {
      this.start()
      return
    }
    const before = this.#alike(id)
    this.#place(id)
    for (const other of new Set([...before, ...this.#alike(id)])) this.#deps.changed(other)
  }

  /** The name of somebody known for whom this contact can be taken; null while nothing is read. */
  of(contact: ContactRecord): string | null {
    if (contact.verified && !contact.changed) return null
    for (const id of this.#alike(contact.accountId)) {
      const other = this.#deps.contacts.get(id)
      if (other?.kept && !isKnownLonger(contact, other)) return shownNameOf(other) ?? null
    }
    return null
  }

  /** Without the table nobody looks like anybody; the next change of a contact asks for it again. */
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
    for (const id of ids) if (this.#alike(id).length > 0) this.#deps.changed(id)
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

/** Whether a contact was known by this name before the other one: then the other one looks like them. */
function isKnownLonger(contact: ContactRecord, other: ContactRecord): boolean {
  return contact.kept && (contact.namedAt ?? 0) < (other.namedAt ?? 0)
}
