import type { Pin } from '@sotto/crypto'
import { type AccountId, chatRequests, type PublishedAccount, shownName } from '@sotto/wire'
import { ClientError, codeOf } from '../api/errors.ts'
import type { ContactView } from '../api/views.ts'
import { pictureUrl } from '../published/pictures.ts'
import { findSuccession } from '../published/successions.ts'
import { verifyAccount } from '../published/verify-account.ts'
import { createSerialBy } from '../scheduling/serial.ts'
import { put } from '../storage/record-kind.ts'
import type { Own } from '../storage/records/account.ts'
import { type ContactRecord, contactAt } from '../storage/records/contacts.ts'
import type { Store } from '../storage/store.ts'
import type { VerifiedAccount } from '../storage/verified-account.ts'
import type { Call } from '../transport/http.ts'
import type { Asked, Questions } from '../transport/questions.ts'
import { pinOnly } from './pins/contact-pins.ts'
import { loadContacts } from './pins/kept-pins.ts'
import { isInDoubt } from './pins/key-decisions.ts'
import { isPast, learned } from './pins/learn-account.ts'
import { withOwnPin, withPin } from './pins/merge-pins.ts'
import { ownContact } from './pins/own-former-keys.ts'

export interface ContactsDependencies {
  readonly storage: Store
  readonly call: Call
  readonly questions: Questions
  readonly now: () => number
  /** Our account. */
  readonly self: AccountId
  readonly onChange: (id: AccountId) => void
  /** The server shows an identity key that isn't the pinned one, or another key has been pinned. */
  readonly onKeyChange: (id: AccountId) => void
}

type ContactChanges = Partial<Omit<ContactRecord, 'accountId'>>

/**
 * Other people's published data, under the identity key pinned for each. The rules are plain functions in `pins`; this
 * class asks the server, stores the results, and reports changes.
 *
 * - The first verified answer pins the key. Another key is never used before the person decides, or the pinned key has
 *   signed it and the logs are read to their end.
 * - Records and revocations never go back: an older or forged answer throws `untrusted_answer`, and nothing of it is
 *   used. An answer that was overtaken by a newer one is ignored.
 * - Changes of one contact run one after the other, and are stored before they take effect.
 */
export class Contacts {
  readonly #deps: ContactsDependencies
  readonly #contacts: Map<AccountId, ContactRecord>
  readonly #inTurn = createSerialBy<AccountId>()
  /** For each person, the number of the latest question when something new was last learned. */
  readonly #learnedAfter = new Map<AccountId, Asked>()

  constructor(deps: ContactsDependencies, contacts: readonly ContactRecord[]) {
    this.#deps = deps
    this.#contacts = new Map(contacts.map((contact) => [contact.accountId, contact]))
  }

  get(id: AccountId): ContactRecord | undefined {
    return this.#contacts.get(id)
  }

  all(): Iterable<ContactRecord> {
    return this.#contacts.values()
  }

  /**
   * Applies the server's answer. The first contact pins the key; a different identity key becomes a change that waits
   * for a decision. An answer is ignored if something newer was learned after the question was sent. Throws
   * `untrusted_answer` for forged data, or data older than what was known when the question was sent.
   */
  learn(published: PublishedAccount, asked: Asked): Promise<ContactRecord> {
    const { accountId } = published
    return this.#inTurn(accountId, async () => {
      const known = this.#contacts.get(accountId)
      const former = known?.formerKeys.map(({ identityKey }) => identityKey) ?? []
      const succeeds = known && (await findSuccession(published, known))
      const between = succeeds?.through ?? []
      const accepted = known ? [known.identityKey, ...former, ...between] : []
      const shown = await verifyAccount(published, accountId, accepted)
      const isSigned = succeeds?.identityKey === shown.record.identityKey
      const verified = isSigned ? { ...shown, succeeds } : shown
      const mayBeLate = asked <= (this.#learnedAfter.get(accountId) ?? 0)
      if (known && mayBeLate && isPast(known, verified)) return known
      const next = learned(known, verified, this.#deps.now())
      if (next === known) return known
      this.#learnedAfter.set(accountId, this.#deps.questions.last)
      return this.#save(withNamedAt(next, known, this.#deps.now()))
    })
  }

  /** Asks the server even if the contact is known. */
  async fetch(id: AccountId): Promise<ContactRecord> {
    const asked = this.#deps.questions.ask()
    const published = await this.#deps.call(chatRequests.getUser, { params: { accountId: id } })
    if (published.accountId !== id) throw new ClientError('untrusted_answer')
    return this.learn(published, asked)
  }

  /** The contact with its published data. Asks the server only if that is missing here. */
  async ensure(id: AccountId): Promise<ContactRecord> {
    const known = this.#contacts.get(id)
    return known?.current || known?.changed ? known : this.fetch(id)
  }

  /**
   * Re-fetches a known contact unless its record here is already at `version` or later. A removed account is not an
   * error: the server reports each of its conversations separately.
   */
  async refresh(id: AccountId, version = Number.POSITIVE_INFINITY): Promise<void> {
    const known = this.#contacts.get(id)
    if (!known || isKept(known, version)) return
    try {
      await this.fetch(id)
    } catch (error) {
      if (codeOf(error) !== 'account_not_found') throw error
    }
  }

  /** Stores and applies `changes`, unless `refuse` throws for the contact as it is then. */
  update(
    id: AccountId,
    changes: ContactChanges,
    refuse: (contact: ContactRecord) => void = () => {},
  ): Promise<ContactRecord> {
    return this.#inTurn(id, async () => {
      const known = this.#contacts.get(id)
      if (!known) throw new ClientError('account_not_found')
      refuse(known)
      return this.#save({ ...known, ...changes })
    })
  }

  /** Stores the result of `change` for the contact as it is then. */
  change(id: AccountId, change: (contact: ContactRecord) => ContactRecord): Promise<ContactRecord> {
    return this.#inTurn(id, async () => {
      const known = this.#contacts.get(id)
      if (!known) throw new ClientError('account_not_found')
      const next = change(known)
      return next === known ? known : this.#save(next)
    })
  }

  /** Shares the pin with our other devices from now on: the person has dealt with this contact. */
  async keep(id: AccountId): Promise<void> {
    if (!this.#contacts.get(id)?.kept) await this.update(id, { kept: true, dirty: true })
  }

  /** Pins a key that came from the person rather than the server, unless one is pinned already. Returns the contact. */
  pin(id: AccountId, identityKey: string): Promise<ContactRecord> {
    return this.#inTurn(id, async () => {
      return this.#contacts.get(id) ?? this.#save(pinOnly(id, identityKey, 1))
    })
  }

  /** Pins our account to our keys; its devices are looked up like those of others. */
  async seedSelf(own: Own): Promise<void> {
    const known = this.#contacts.get(own.record.account)
    if (known?.identityKey !== own.record.identityKey) await this.#save(ownContact(own, known))
  }

  /** Adopts the pins in this account's `contacts` box. */
  async adoptPins(pins: readonly Pin[]): Promise<void> {
    for (const pin of pins) {
      await this.#inTurn(pin.account, async () => {
        const known = this.#contacts.get(pin.account)
        const isSelf = known !== undefined && pin.account === this.#deps.self
        const adopted = isSelf ? withOwnPin(known, pin) : withPin(known, pin, this.#deps.now())
        if (adopted) await this.#save(adopted)
      })
    }
    await this.#markMissing(new Set(pins.map(({ account }) => account)))
  }

  /**
   * Adopts the pins in the `contacts` box of a restored server. Since that box doesn't build on what this device knows,
   * it's unclear which of two marks is newer: `verified` counts only if both have it.
   */
  async joinPins(pins: readonly Pin[]): Promise<void> {
    for (const { account, identityKey, verified } of pins) {
      await this.#inTurn(account, async () => {
        const known = this.#contacts.get(account)
        // A mark belongs to its key: if the keys differ, the pin that wins brings its own.
        if (!known?.kept || known.identityKey !== identityKey || known.verified === verified) return
        await this.#save({ ...known, verified: false, dirty: true, isDecidedHere: true })
      })
    }
    await this.adoptPins(pins)
  }

  /** A box of new keys, or one that another client cut short, lacks contacts that belong in it. */
  async #markMissing(boxed: ReadonlySet<AccountId>): Promise<void> {
    for (const { accountId } of [...this.#contacts.values()]) {
      if (boxed.has(accountId)) continue
      await this.#inTurn(accountId, async () => {
        const known = this.#contacts.get(accountId)
        if (known?.kept && !known.dirty) await this.#save({ ...known, dirty: true })
      })
    }
  }

  async #save(contact: ContactRecord): Promise<ContactRecord> {
    const { accountId, changed, identityKey } = contact
    const before = this.#contacts.get(accountId)
    await this.#deps.storage.write([put(contactAt(accountId), contact)])
    this.#contacts.set(accountId, contact)
    this.#deps.onChange(accountId)
    const isReplaced = before !== undefined && before.identityKey !== identityKey
    const isChanging = changed !== null && changed !== before?.changed
    if (isReplaced || isChanging) this.#deps.onKeyChange(accountId)
    return contact
  }
}

/** Loads the stored contacts. */
export async function openContacts(deps: ContactsDependencies): Promise<Contacts> {
  return new Contacts(deps, await loadContacts(deps.storage))
}

/** Whether this version or a later one is stored here, or another of our devices has seen a later one. */
function isKept({ recordVersion, current, changed }: ContactRecord, version: number): boolean {
  const newest = Math.max(current?.record.version ?? 0, changed?.record.version ?? 0)
  return version <= newest || version < recordVersion
}

/** Records when a contact took on a name. Contacts added by another of our devices already had theirs. */
function withNamedAt(
  next: ContactRecord,
  known: ContactRecord | undefined,
  now: number,
): ContactRecord {
  const before = known && shownNameOf(known)
  if (shownNameOf(next) === before) return next
  return { ...next, namedAt: known?.kept && before === undefined ? 0 : now }
}

/** A contact's name here; undefined while only the pin is known. */
export function shownNameOf({ current, changed }: ContactRecord): string | undefined {
  const shown = current ?? changed
  return shown ? lookOf(shown).name : undefined
}

/** A contact as the app shows it, or undefined while only the pin is known. */
export function contactView(
  contact: ContactRecord,
  looksLike: string | null,
): ContactView | undefined {
  const shown = contact.current ?? contact.changed
  if (!shown) return undefined
  const { record } = shown
  return {
    accountId: contact.accountId,
    ...lookOf(shown),
    hasRsaKey: record.rsaKey !== null,
    trust: trustOf(contact),
    looksLike,
  }
}

/** The displayed data of an account, computed once because views are built often. */
const looks = new WeakMap<VerifiedAccount, Pick<ContactView, 'name' | 'picture'>>()

function lookOf(shown: VerifiedAccount): Pick<ContactView, 'name' | 'picture'> {
  const known = looks.get(shown)
  if (known) return known
  const look = { name: shownName(shown.record.name), picture: pictureUrl(shown.picture) }
  looks.set(shown, look)
  return look
}

export function trustOf(contact: ContactRecord): ContactView['trust'] {
  if (isInDoubt(contact)) return 'key_changed'
  return contact.verified ? 'verified' : 'unverified'
}
