import type { ContactView } from '../api/commands.ts'
import { contactView } from '../contacts/contacts.ts'
import type { ConversationList } from '../views/conversation-list.ts'
import type { Talk } from './talk.ts'

/** Replaces the empty views with the data of an unlocked device. */
export function showViews(talk: Talk, list: ConversationList): void {
  const { updates } = talk.options.context
  updates.define('conversations', { read: () => list.read() })
  updates.define('contacts', { read: () => contacts(talk) })
  updates.define('connection', { read: () => ({ state: talk.connectionState }) })
  updates.defineTimelines((id) => {
    const { read, watched } = talk.timelines.source(id)
    return {
      read,
      watched: (isWatched) => {
        watched?.(isWatched)
        if (isWatched) talk.lookedAt(id)
      },
    }
  })
}

/** The contacts that this account has kept, by name. */
function contacts({ options, parts, lookAlikes }: Talk): ContactView[] {
  const { accountId } = options.context.me()
  const others = [...parts.contacts.all()].filter((contact) => {
    return contact.kept && contact.accountId !== accountId
  })
  const shown = others
    .map((contact) => contactView(contact, lookAlikes.of(contact)))
    .filter((contact) => contact !== undefined)
  return shown.sort((one, other) => one.name.localeCompare(other.name))
}
