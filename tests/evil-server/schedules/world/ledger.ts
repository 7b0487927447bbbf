import type { AccountId, ConversationId } from '@sotto/wire'

/** A text that a person wrote. All texts are different. */
export interface Written {
  readonly text: string
  readonly author: AccountId
  /** The device that wrote it, or null for a forger. */
  readonly device: number | null
  readonly conversation: ConversationId
  /** The contact's identity keys that the device had pinned when the person wrote it or sent it again. */
  readonly writtenTo: Set<string>
  /** The identity key of the forger. */
  readonly forgedBy?: string
  /** Its position among everything that was written. */
  order: number
  isDiscarded: boolean
}

/** What people wrote and saw, as they would remember it. */
export class Ledger {
  readonly written: Map<string, Written>
  /** The texts that each device has shown. */
  readonly shown: Map<number, Set<string>>
  /** For each account and contact, the identity keys that a device of the account has pinned. */
  readonly pinned: Map<string, Set<string>>
  #count: number
  #texts: number

  constructor(from?: Ledger) {
    this.written = new Map(structuredClone(from?.written))
    this.shown = new Map(structuredClone(from?.shown))
    this.pinned = new Map(structuredClone(from?.pinned))
    this.#count = from?.written.size ?? 0
    this.#texts = this.#count
  }

  /** A new, unused text. */
  newText(writer: string): string {
    this.#texts += 1
    return `${writer} writes ${this.#texts}`
  }

  note(written: Omit<Written, 'order' | 'isDiscarded'>): void {
    this.written.set(written.text, { ...written, order: this.#next(), isDiscarded: false })
  }

  /** Records that the person sends it again, as the newest one. */
  noteAgain(text: string, pinned: string | undefined): void {
    const written = this.written.get(text)
    if (!written) return
    written.order = this.#next()
    if (pinned !== undefined) written.writtenTo.add(pinned)
  }

  notePinned(account: AccountId, contact: AccountId, identityKey: string): void {
    this.pinnedBy(account, contact).add(identityKey)
  }

  pinnedBy(account: AccountId, contact: AccountId): Set<string> {
    return entryOf(this.pinned, `${account} ${contact}`)
  }

  shownOn(device: number): Set<string> {
    return entryOf(this.shown, device)
  }

  #next(): number {
    this.#count += 1
    return this.#count
  }
}

function entryOf<K>(sets: Map<K, Set<string>>, key: K): Set<string> {
  const known = sets.get(key)
  if (known) return known
  const made = new Set<string>()
  sets.set(key, made)
  return made
}
