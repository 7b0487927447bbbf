import type { ContactView } from '../api/views.ts'
import { contactView } from '../contacts/contacts.ts'
import type { EngineParts } from './engine-parts.ts'
import type { Wired } from './wire-parts.ts'

/** Replaces the empty views with the data of an unlocked device. */
export function showViews({ parts, link }: Wired): void {
  const { updates, list, timelines } = parts
  updates.define('conversations', { read: () => list.read() })
  updates.define('contacts', { read: () => contacts(parts) })
  updates.define('connection', { read: () => ({ state: link.state }) })
  updates.defineTimelines((id) => {
    const { read, watched } = timelines.source(id)
    return {
      read,
      watched: (isWatched) => {
        watched?.(isWatched)
        if (isWatched) link.lookedAt(id)
      },
    }
  })
}

/** The contacts that this account has kept, by name. */
function contacts({ contacts: known, lookAlikes, me }: EngineParts): ContactView[] {
  const { accountId } = me()
  const others = [...known.all()].filter((contact) => {
    return contact.kept && contact.accountId !== accountId
  })
  const shown = others
    .map((contact) => contactView(contact, lookAlikes.of(contact)))
    .filter((contact) => contact !== undefined)
  return shown.sort((one, other) => one.name.localeCompare(other.name))
}
